"""The content of the admin's overview at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from freetemp.overview.concerns import Concern, Survey, Urgency, all_concerns, most_urgent_first
from freetemp.overview.server import Condition, damaged, look
from stations.models import Key, Station
from stations.models.status import Status

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Overview:
    """Everything at one moment that a user may see."""

    at: datetime
    stations: Sequence[Station]
    server: Condition
    concerns: Sequence[Concern]
    begun_at: datetime | None  # the first use of the first key
    is_whole: bool = True  # False for somebody who looks after some stations, and not after the server

    @classmethod
    def of(cls, user: Any) -> Overview:
        """Ask all apps. The number of queries does not depend on the number of stations."""
        is_whole = getattr(user, "is_staff", True)
        stations = Station.objects.all() if is_whole else Station.objects.kept_by(user, "stations.view_station")
        survey = Survey(timezone.now(), list(stations.with_fields()), look())
        if not is_whole:
            survey = survey._replace(only=frozenset(station.pk for station in survey.stations))
        found = list(all_concerns(survey, user))
        concerns = most_urgent_first([damaged() if is_whole else None, *found])
        return cls(survey.at, survey.stations, survey.server, concerns, Key.objects.first_use(), is_whole)

    @property
    def pressing(self) -> list[Concern]:
        """Return the concerns that need action: all except those that are only worth knowing."""
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
        """Return the time, in whole minutes, within which all reporting stations were heard."""
        longest = max((station.silence(self.at) or timedelta() for station in self.reporting), default=timedelta())
        return timedelta(minutes=longest // timedelta(minutes=1) + 1)

    @property
    def readings_a_day(self) -> float:
        """Return the readings expected a day, by the stations' intervals and the fields that they have reported."""
        return sum(
            86_400 / station.interval_s
            for station in self.reporting
            for field in station.fields.all()
            if field.newest_at is not None
        )

    @property
    def growth(self) -> int:
        """Return the number of bytes by which the database grows a day, 0 until a first day has passed."""
        is_known = self.begun_at is not None and self.at - self.begun_at >= A_DAY
        return self.server.growth(self.readings_a_day) if is_known else 0

    @property
    def lasts(self) -> timedelta | None:
        """Return how long the disk has room, up to a century, or None unless the database is on it and grows."""
        if not (self.growth and self.server.free and self.server.has_backups_here):
            return None
        return timedelta(days=min(self.server.free / self.growth, 36_525))
