"""The troubles that are told, for staff, with what each would have told in the past year, before it is saved too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from alerts.models import Kind, Rule
from alerts.models.kinds import FROM_THE_START
from alerts.preview.spells import Past, Spell, past
from audit.audited import Audited
from freetemp.ages import length
from freetemp.fields import MILLISECOND, from_millis
from stations.admin.columns import thousands
from stations.models import Field

MOST_SHOWN = 20
PREVIEW = "_preview"


class RuleForm(forms.ModelForm[Rule]):
    def is_valid(self) -> bool:
        """A preview is never valid, even if nothing is wrong: the form is shown again, and nothing is saved."""
        return super().is_valid() and PREVIEW not in self.data


@admin.register(Rule)
class RuleAdmin(Audited, admin.ModelAdmin[Rule]):
    list_display = ["__str__", "after", "active"]
    list_filter = ["kind", "active"]
    form = RuleForm
    fieldsets = [
        (None, {"fields": ["kind", "station", "field", "active"]}),
        ("Numbers", {"fields": ["limit", "hours", "hysteresis", "minutes"]}),
        ("In the past year", {"fields": ["past_year"]}),
    ]
    readonly_fields = ["past_year"]
    autocomplete_fields = ["station"]
    change_form_template = "admin/alerts/rule/change_form.html"

    class Media:
        js = ["js/admin/search_labels.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        return super().get_queryset(request).select_related("station", "field__station")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Name each field with its station, and offer only those that can be compared with a limit."""
        form_field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "field" and form_field:
            fields = Field.objects.select_related("station").order_by("station__name", "number")
            form_field.choices = [
                ("", "---------"),
                *(
                    (field.pk, f"{field.station}: {field.name}")
                    for field in fields
                    if field.kind.is_averaged or field.kind.is_sum
                ),
            ]
        return form_field

    def has_delete_permission(self, request: HttpRequest, obj: Rule | None = None) -> bool:
        """Let a rule that is there from the start be switched off, but not deleted: `migrate` would make it again."""
        is_for_all = obj is not None and obj.kind in FROM_THE_START and obj.station_id is None
        return not is_for_all and super().has_delete_permission(request, obj)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Say at the top what a preview has found: its days are below, beside the button."""
        form = context["adminform"].form
        if PREVIEW in request.POST and not form.errors:
            form.instance.past = past(form.instance, timezone.now())
            messages.info(request, f"{_in_words(form.instance.past)} Nothing was saved so far.")
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="told after")
    def after(self, rule: Rule) -> str:
        if rule.minutes is None and rule.kind == Kind.SILENT:
            return "what is unusual for the station"
        return length(rule.lasting) if rule.lasting else "at once"

    @admin.display(description="preview")
    def past_year(self, rule: Rule) -> SafeString | str:
        """Say how often a rule would have been told, with the days. A saved one of a field says so unasked."""
        found: Past | None = getattr(rule, "past", None)
        if found is None and (rule._state.adding or rule.field_id is None):
            return "Preview says how often, and on which days. It saves nothing."
        found = found or past(rule, timezone.now())
        days = format_html_join("", '<br><a href="{}">{}</a>{}', _days(rule, found.spells[-MOST_SHOWN:]))
        more = f" The last {MOST_SHOWN}:" if len(found.spells) > MOST_SHOWN else ""
        return format_html("{}{}{}", _in_words(found), more, days)


def _in_words(found: Past) -> str:
    if found.unknown:
        return found.unknown
    if not (count := len(found.spells)):
        return "In the past year this would never have been told."
    return f"In the past year this would have been told {'once' if count == 1 else f'{thousands(count)} times'}."


def _days(rule: Rule, spells: Sequence[Spell]) -> Iterator[tuple[str, str, str]]:
    """Yield the address of each spell's day, when it began there, and how long it was. The last one comes first."""
    for station, span in reversed(spells):
        start = from_millis(span.start_ms).astimezone(station.zone)
        query = urlencode({"period": "day", "date": f"{start:%Y-%m-%d}"})
        day = f"{start.day} {start:%B %Y}"
        name = "" if rule.station or rule.field else f"{station}: "
        lasted = length((span.end_ms - span.start_ms) * MILLISECOND)
        is_of_day = rule.kind == Kind.RECORD
        moment = f"{name}{day}" if is_of_day else f"{name}{day}, {start:%H:%M}"
        yield f"{station.get_absolute_url()}?{query}", moment, "" if is_of_day else f", for {lasted}"
