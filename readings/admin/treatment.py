"""Corrections for staff: what is set aside, and the ledger of sensors. Nothing is deleted; each can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, ClassVar
from urllib.parse import parse_qs

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from audit.audited import AuditedByItself
from freetemp.fields import from_millis, to_millis
from freetemp.http.posted_rows import row_number
from readings.admin.treatment_forms import SensorForm, SetAsideForm, TreatmentForm
from readings.models import Pending, Sensor, SetAside
from readings.models.sensor import formula
from readings.models.set_aside import State
from readings.rollups.pending import follow_soon
from readings.rollups.rebuild import GoneError
from readings.treatment import accept, finish, refuse, undo
from readings.treatment.effects import TreatmentError
from stations.admin.own_rows import OwnRows, OwnStationsFilter

# What a button does, by its name, and the sentence about it.
DECISIONS: dict[str, tuple[Callable[[Any, HttpRequest], None], str]] = {
    "_undo": (lambda row, request: undo(row, request.user.get_username()), "Taken back."),
    "_accept": (lambda row, request: accept(row, request.user.get_username()), "Accepted."),
    "_refuse": (lambda row, request: refuse(row, request.user.get_username()), "Refused."),
    "_finish": (lambda row, request: finish(row, timezone.now()), "It has ended now."),
}


class TreatmentAdmin(AuditedByItself, OwnRows):
    """Rows are added, and then decided about by buttons; their history stays."""

    change_form_template = "admin/readings/treatment/change_form.html"
    list_filter: ClassVar[Any] = ["state", ("station", OwnStationsFilter)]
    ordering = ["-start"]
    add_form: type[TreatmentForm]

    class Media:
        css = {"all": ["css/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        pending = Pending.objects.filter(station=OuterRef("station")).order_by("done")
        rows = super().get_queryset(request).select_related("station").prefetch_related("station__fields")
        annotated: QuerySet[Any] = rows.annotate(done=Subquery(pending.values("done")[:1]))
        return annotated

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Prevent deletion: what was undone stays, with who undid it."""
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj:
            return super().get_form(request, obj, change, **kwargs)
        of_user = {"user_name": request.user.get_username(), "stations": self.own_stations(request, "add")}
        return type("Form", (self.add_form,), of_user)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.shown if obj else self.asked

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.shown if obj else []

    asked: ClassVar[list[str]]
    shown: ClassVar[list[str]]

    def save_model(self, request: HttpRequest, obj: SetAside | Sensor, form: Any, change: bool) -> None:
        """Do nothing: the form of a new row has saved it, and buttons decide about a known one."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Do nothing: there is nothing beside a row."""

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        """Begin with what the address asks for, or with the station of the list that the form was opened from."""
        asked: dict[str, str | list[str]] = {name: request.GET.get(name, "") for name in ("what", "first", "last")}
        listed = parse_qs(request.GET.get("_changelist_filters", "")).get("station__id__exact", [""])
        return asked | {"what": asked["what"] or request.GET.get("station", listed[0])}

    def response_add(
        self, request: HttpRequest, obj: SetAside | Sensor, post_url_continue: str | None = None
    ) -> HttpResponse:
        transaction.on_commit(partial(follow_soon, obj.station_id))
        self.message_user(request, f"{obj}. It can be taken back here at any time.", messages.SUCCESS)
        return redirect(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", obj.pk)

    def response_change(self, request: HttpRequest, obj: SetAside | Sensor) -> HttpResponse:
        name = next((name for name in DECISIONS if name in request.POST), None)
        if name:
            decide, sentence = DECISIONS[name]
            try:
                decide(obj, request)
            except (TreatmentError, GoneError) as error:
                self.message_user(request, str(error), messages.ERROR)
            else:
                transaction.on_commit(partial(follow_soon, obj.station_id))
                self.message_user(request, sentence, messages.SUCCESS)
        return redirect(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", obj.pk)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = context.get("original")
        if row:
            is_active = row.state == State.ACTIVE
            context["is_active"], context["is_proposed"] = is_active, row.state == State.PROPOSED
            context["may_finish"] = is_active and row.covers(timezone.now())
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="what", ordering="station__name")
    def what(self, row: SetAside | Sensor) -> str:
        names = {field.number: field.name for field in row.station.fields.all()}
        return f"{row.station}: {'all fields' if row.field is None else names.get(row.field, f'field {row.field}')}"

    @admin.display(description="from", ordering="start")
    def since(self, row: SetAside | Sensor) -> str:
        return _local(row, row.start)

    @admin.display(description="to", ordering="end")
    def until(self, row: SetAside | Sensor) -> str:
        return _local(row, row.end) if row.end else "until further notice"

    @admin.display(description="by", ordering="made_at")
    def made(self, row: SetAside | Sensor) -> str:
        return f"{row.made_by}, {_local(row, row.made_at)}"

    @admin.display(description="decided by")
    def decided(self, row: SetAside | Sensor) -> str:
        return f"{row.decided_by}, {_local(row, row.decided_at)}" if row.decided_at else "-"

    @admin.display(description="state", ordering="state")
    def how(self, row: Any) -> str:
        """Return the state, and how far the summaries of the station follow if it has ever counted."""
        state, done = State(row.state), getattr(row, "done", None)
        if done is None or state in {State.PROPOSED, State.REFUSED}:
            return state.label
        return f"{state.label}, summaries: {round(100 * done)} %"


def _local(row: SetAside | Sensor, at: datetime | None) -> str:
    return f"{from_millis(to_millis(at)).astimezone(row.station.zone):%Y-%m-%d %H:%M}" if at else ""


@admin.register(SetAside)
class SetAsideAdmin(TreatmentAdmin):
    """Marks, and proposals of the machine, which the list lets people accept or refuse by one click each."""

    add_form = SetAsideForm
    list_display = ["what", "since", "until", "reason", "which", "note", "how", "to_decide", "made"]
    actions = ["accept_proposals", "refuse_proposals"]
    list_filter = ["state", "reason", ("station", OwnStationsFilter)]
    search_fields = ["note", "station__name"]
    asked = ["what", "first", "last", "reason", "note", "below", "above"]
    shown = ["what", "since", "until", "which", "reason", "note", "how", "made", "decided"]

    @admin.display(description="readings")
    def which(self, row: SetAside) -> str:
        return row.limits or "all"

    @admin.display(description="decide")
    def to_decide(self, row: SetAside) -> SafeString | str:
        """Return a proposal's buttons. The list is a form, and posts their names."""
        if row.state != State.PROPOSED:
            return ""
        one = '<button class="button" name="{}" value="{}" aria-label="{}: {}">{}</button>'
        buttons = (("_accept", "Accept"), ("_refuse", "Refuse"))
        return format_html_join(" ", one, ((name, row.pk, word, row, word) for name, word in buttons))

    def get_list_display(self, request: HttpRequest) -> Any:
        return [name for name in self.list_display if name != "to_decide" or self.has_change_permission(request)]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        name = next((name for name in ("_accept", "_refuse") if name in request.POST), None)
        if name is None or not self.has_change_permission(request):
            return super().changelist_view(request, extra_context)
        pk = row_number(request.POST[name])
        self.decide(request, name, self.get_queryset(request).filter(pk=pk))
        return redirect(request.get_full_path())

    @admin.action(description="Accept: set these readings aside", permissions=["change"])
    def accept_proposals(self, request: HttpRequest, queryset: QuerySet[SetAside]) -> None:
        self.decide(request, "_accept", queryset)

    @admin.action(description="Refuse: these readings are right", permissions=["change"])
    def refuse_proposals(self, request: HttpRequest, queryset: QuerySet[SetAside]) -> None:
        self.decide(request, "_refuse", queryset)

    def decide(self, request: HttpRequest, name: str, queryset: QuerySet[SetAside]) -> None:
        """Accept or refuse proposals one by one, and say what came of it: others may have decided meanwhile."""
        decide, sentence = DECISIONS[name]
        done: list[SetAside] = []
        for row in queryset.select_related("station"):
            try:
                decide(row, request)
            except (TreatmentError, GoneError) as error:
                self.message_user(request, f"{row}: {error}", messages.ERROR)
            else:
                done.append(row)
        for station in {row.station_id for row in done}:
            transaction.on_commit(partial(follow_soon, station))
        if done:
            told = str(done[0]) if len(done) == 1 else f"{len(done)} proposals"
            self.message_user(request, f"{told}: {sentence[0].lower()}{sentence[1:]}", messages.SUCCESS)


@admin.register(Sensor)
class SensorAdmin(TreatmentAdmin):
    add_form = SensorForm
    list_display = ["what", "model", "serial", "since", "until", "corrected", "how", "made"]
    search_fields = ["model", "serial", "note", "station__name"]
    asked = [
        *("what", "model", "serial", "first", "last", "factor", "offset"),
        *("shown_1", "true_1", "shown_2", "true_2", "note"),
    ]
    shown = ["what", "model", "serial", "since", "until", "corrected", "note", "how", "made", "decided"]

    @admin.display(description="correction")
    def corrected(self, row: Sensor) -> str:
        return formula(row.factor, row.offset) if row.corrects else "none"
