"""The admin's page of what needs attention, and the summary of it on the admin's first page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from freetemp.overview import server as condition
from freetemp.overview.concerns import Concern, Urgency, most_urgent_first
from readings.admin.concerns import gap_concern, refusal_concerns
from stations import concerns as attention
from stations.models import Station


@dataclass(frozen=True)
class Overview:
    """Everything of one moment that somebody may see."""

    at: datetime
    stations: Sequence[Station]
    server: condition.Condition
    concerns: Sequence[Concern]

    @classmethod
    def of(cls, user: Any) -> Overview:
        """Ask all apps. The number of queries does not depend on that of the stations."""
        at, stations, server = timezone.now(), list(Station.objects.with_fields()), condition.condition()
        concerns = [
            *condition.concerns(server, at),
            *attention.concerns(stations, at),
            *(attention.key_concerns(stations, at) if user.has_perm("stations.view_key") else []),
            gap_concern(stations, at),
            *(refusal_concerns(at) if user.has_perm("readings.view_refusedreport") else []),
        ]
        return cls(at, stations, server, most_urgent_first(concerns))

    @property
    def pressing(self) -> list[Concern]:
        """Return what needs somebody: all but what is only worth knowing."""
        return [concern for concern in self.concerns if concern.urgency < Urgency.NOTE]

    @property
    def notes(self) -> list[Concern]:
        return [concern for concern in self.concerns if concern.urgency == Urgency.NOTE]

    @property
    def count(self) -> int:
        return sum(concern.count for concern in self.pressing)

    @property
    def reporting(self) -> list[Station]:
        return [station for station in self.stations if station.status(self.at) == "alive"]

    @property
    def reported_within(self) -> timedelta:
        """Return a time within which all that are reporting were heard, in whole minutes."""
        longest = max((station.silence(self.at) or timedelta() for station in self.reporting), default=timedelta())
        return timedelta(minutes=longest // timedelta(minutes=1) + 1)

    @property
    def readings_a_day(self) -> float:
        """Return how many readings arrive a day as stations are set, of the fields that they have reported."""
        return sum(
            86_400 / station.interval_s
            for station in self.reporting
            for field in station.fields.all()
            if field.newest_at is not None
        )

    @property
    def growth(self) -> int:
        """Return by how many bytes the database grows a day."""
        return self.server.growth(self.readings_a_day)

    @property
    def lasts(self) -> timedelta | None:
        """Return for how long the disk has room, up to a century, where the database is on it and grows."""
        if not (self.growth and self.server.free and self.server.has_backups_here):
            return None
        return timedelta(days=min(self.server.free / self.growth, 36_525))


@method_decorator(never_cache, name="dispatch")
class OverviewView(PermissionRequiredMixin, TemplateView):
    """What needs attention now, most urgent first, for who may see stations."""

    template_name = "admin/overview.html"
    permission_required = "stations.view_station"
    raise_exception = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | admin.site.each_context(self.request)
        return context | {"title": "Overview", "overview": Overview.of(self.request.user)}
