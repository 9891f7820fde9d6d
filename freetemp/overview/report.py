"""Everything that the admin's overview says at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from freetemp.overview.concerns import Concern, Survey, Urgency, all_concerns, most_urgent_first
from freetemp.overview.server import Condition, look
from stations.models import Station
from stations.models.status import Status


@dataclass(frozen=True)
class Overview:
    """Everything of one moment that somebody may see."""

    at: datetime
    stations: Sequence[Station]
    server: Condition
    concerns: Sequence[Concern]

    @classmethod
    def of(cls, user: Any) -> Overview:
        """Ask all apps. The number of queries does not depend on that of the stations."""
        survey = Survey(timezone.now(), list(Station.objects.with_fields()), look())
        return cls(survey.at, survey.stations, survey.server, most_urgent_first(all_concerns(survey, user)))

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
        return [station for station in self.stations if station.status(self.at) == Status.ALIVE]

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
