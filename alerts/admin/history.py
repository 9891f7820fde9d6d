"""What happened, and what was told: both are written by the watch, and only shown here."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from alerts.models import Delivery, Incident, Notice
from freetemp.ages import length
from stations.admin.own_rows import OwnRows, OwnStationsFilter
from stations.admin.shown import Shown


@admin.register(Incident)
class IncidentAdmin(Shown, OwnRows):
    list_display = ["what", "began_at", "ended_at", "lasted", "acknowledged_by"]
    list_filter = ["rule__kind", ("station", OwnStationsFilter)]
    date_hierarchy = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Incident]:
        return super().get_queryset(request).select_related("station", "field", "rule__station", "rule__field__station")

    @admin.display(description="what")
    def what(self, incident: Incident) -> str:
        return str(incident)

    @admin.display(description="for")
    def lasted(self, incident: Incident) -> str:
        return length(incident.ended_at - incident.began_at) if incident.ended_at else "it goes on"


class DeliveryInline(Shown, admin.TabularInline[Delivery, Notice]):
    model = Delivery
    fields = ["channel", "tries", "sent_at", "due_at", "given_up_at", "trouble"]


@admin.register(Notice)
class NoticeAdmin(Shown, admin.ModelAdmin[Notice]):
    list_display = ["subject", "recipient", "created_at", "state"]
    list_filter = ["recipient", "kind"]
    fields = ["recipient", "kind", "created_at", "subject", "body", "used_at"]
    inlines = [DeliveryInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        return super().get_queryset(request).select_related("recipient").prefetch_related("deliveries")

    @admin.display(description="state")
    def state(self, notice: Notice) -> str:
        every = notice.deliveries.all()
        if any(each.sent_at for each in every):
            return "delivered"
        return "given up" if every and all(each.given_up_at for each in every) else "waiting"
