"""Outages and the server's own record: both are written by freetemp itself, and only shown here."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from freetemp.ages import length
from outages.causes import Cause
from outages.models import Outage, ServerRun
from outages.words import told
from stations.admin.own_rows import OwnRows, OwnStationsFilter
from stations.admin.shown import Shown


@admin.register(Outage)
class OutageAdmin(Shown, OwnRows):
    list_display = ["station", "began_at", "lasted", "why", "readings", "others"]
    list_filter = ["cause", "is_sure", ("station", OwnStationsFilter)]
    list_select_related = ["station"]
    fields = ["page", "began_at", "ended_at", "was_watched", "why", "words", "evidence", "reset_cause", "others"]
    readonly_fields = ["page", "why", "words", "others"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outage]:
        return super().get_queryset(request).select_related("station")

    @admin.display(description="for")
    def lasted(self, outage: Outage) -> str:
        return length(outage.length(timezone.now())) if outage.ended_at else "it goes on"

    @admin.display(description="cause")
    def why(self, outage: Outage) -> str:
        cause = Cause(outage.cause)
        return cause.label if outage.is_sure or cause == Cause.UNKNOWN else f"probably {cause.label}"

    @admin.display(description="readings that arrived late")
    def readings(self, outage: Outage) -> str:
        return f"{outage.arrived} of {outage.expected}" if outage.expected else ""

    @admin.display(description="lost with it")
    def others(self, outage: Outage) -> str:
        return f"{outage.together - 1} of {outage.of - 1} others" if outage.of > 1 else ""

    @admin.display(description="what happened")
    def words(self, outage: Outage) -> str:
        return told(outage) if outage.ended_at else "It has not ended."

    @admin.display(description="station")
    def page(self, outage: Outage) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("station-outages", args=[outage.station_id]), outage.station)


@admin.register(ServerRun)
class ServerRunAdmin(Shown, admin.ModelAdmin[ServerRun]):
    list_display = ["began_at", "until_at", "lasted"]
    fields = ["began_at", "until_at"]

    @admin.display(description="for")
    def lasted(self, run: ServerRun) -> str:
        return length(run.until_at - run.began_at)
