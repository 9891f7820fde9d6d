"""Refused reports for staff: their source, the reason, how often they came, and what to do about them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import BooleanField, QuerySet, Value
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from audit.audited import Audited
from audit.deeds import record
from readings.admin.claim import ClaimView
from readings.admin.register import REGISTER_PERMISSIONS, RegisterView
from readings.models import RefusedReport
from readings.models.refused_report import Reason
from stations.admin.columns import ago, thousands
from stations.mac import reason_against


@admin.register(RefusedReport)
class RefusedReportAdmin(Audited, admin.ModelAdmin[RefusedReport]):
    """Read-only: boards cause the rows, and staff may only forget them."""

    list_display = ["why", "board", "network", "times", "heard", "to_do"]
    list_filter = ["reason"]
    search_fields = ["mac", "network", "part", "answer", "example", "device"]
    search_help_text = "MAC address, address, or a part of the example"
    actions = ["forget"]
    fieldsets = [
        (None, {"fields": ["why", "to_do", "board", "network", "part", "times"]}),
        ("When and what", {"fields": ["heard", "since", "answer", "example"]}),
    ]
    readonly_fields = ["why", "to_do", "board", "times", "heard", "since"]

    class Media:
        css = {"all": ["css/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[RefusedReport]:
        can_register = Value(request.user.has_perms(REGISTER_PERMISSIONS), output_field=BooleanField())
        return RefusedReport.objects.with_station().annotate(can_register=can_register)

    def station_of(self, obj: RefusedReport) -> None:
        """Return none: a report that is forgotten is no station's deed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: RefusedReport | None = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Leave out Django's own deletion, which asks first and logs each row: forgetting does no harm."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_urls(self) -> list[URLPattern]:
        register = self.admin_site.admin_view(RegisterView.as_view(model_admin=self))
        claim = self.admin_site.admin_view(ClaimView.as_view(model_admin=self))
        return [
            path("<int:pk>/register/", register, name="readings_register"),
            path("<int:pk>/claim/", claim, name="readings_claim"),
            *super().get_urls(),
        ]

    @admin.action(description="Forget these: what is refused again comes back", permissions=["delete"])
    def forget(self, request: HttpRequest, queryset: QuerySet[RefusedReport]) -> None:
        with transaction.atomic():
            count, _ = RefusedReport.objects.filter(pk__in=queryset.values("pk")).delete()
            record("refused reports forgotten", details={"rows": count})
        self.message_user(request, f"{count} forgotten.", messages.SUCCESS)

    @admin.display(description="reason", ordering="reason")
    def why(self, report: RefusedReport) -> SafeString:
        return format_html('<span class="reason reason-{}">{}</span>', report.reason, report.get_reason_display())

    @admin.display(description="what", ordering="mac")
    def board(self, report: RefusedReport) -> SafeString | str:
        """Return the MAC address with its station, and the part that was refused. Of a key, it is the end."""
        station, name = _station(report)
        if station is None:
            return " ".join(filter(None, [report.mac, report.refused_part])) or "-"
        url = reverse("admin:stations_station_change", args=[station])
        return format_html('<a href="{}">{}</a> {} {}', url, name, report.mac, report.refused_part)

    @admin.display(description="times", ordering="count")
    def times(self, report: RefusedReport) -> SafeString:
        """Return the count, with its unit for a phone, where there is no head of the column."""
        unit = "time" if report.count == 1 else "times"
        return format_html('{}<span class="unit"> {}</span>', thousands(report.count), unit)

    @admin.display(description="last", ordering="last_at")
    def heard(self, report: RefusedReport) -> SafeString:
        return ago(report.last_at)

    @admin.display(description="first")
    def since(self, report: RefusedReport) -> SafeString:
        return ago(report.first_at)

    @admin.display(description="what to do")
    def to_do(self, report: RefusedReport) -> SafeString | str:
        station, _ = _station(report)
        if report.is_done(timezone.now()):
            is_heard = report.reason != Reason.KEY_ALONE and report.is_heard_since(timezone.now())
            of_reason = None if is_heard else _DONE.get(Reason(report.reason))
            return of_reason or "Nothing: the station has reported well since."
        if report.reason == Reason.UNKNOWN_MAC:
            if why_not := reason_against(report.mac):
                return f"Correct the program: no board has this address of its own, since {why_not}."
            if getattr(report, "can_register", False):
                url = reverse("admin:readings_register", args=[report.pk])
                return format_html('{}<br><a class="button" href="{}">Register this board</a>', report.advice, url)
        if report.digest and getattr(report, "can_register", False):
            url = reverse("admin:readings_claim", args=[report.pk])
            return format_html('{}<br><a class="button" href="{}">Make it the key of a station</a>', report.advice, url)
        if report.reason == Reason.WRONG_KEY and station is not None:
            url = reverse("admin:stations_keys", args=[station])
            return format_html('{} <a href="{}">Keys</a>', report.advice, url)
        return report.advice


_DONE = {
    Reason.KEY_ALONE: "It is a station's key by now: nothing.",
    Reason.UNKNOWN_MAC: "It is registered by now: nothing, once its board has the new key.",
    Reason.INACTIVE: "Nothing: the station is active now.",
    Reason.FIELD: "Nothing: the station has this field now.",
}


def _station(report: RefusedReport) -> tuple[int | None, str]:
    """Return the number and name of the station with the report's MAC address, as found by get_queryset()."""
    return getattr(report, "station_id", None), getattr(report, "station_name", None) or ""
