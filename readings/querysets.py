"""Questions about readings as they were stored."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import BigIntegerField, Count, F, Max, Min, Q, Sum
from django.db.models.functions import Cast

from readings.models.rollup import Quarter
from readings.summaries import SummaryQuerySet
from stations.models import Field, Station

ReadingT = TypeVar("ReadingT", bound=models.Model)


class HistoryQuerySet(SummaryQuerySet[ReadingT]):
    """Readings, each by its own moment and value."""

    moment = "measured_at"
    low = high = "t.value = wanted.value"
    total = {"n": Count("value"), "total": Sum("value"), "low": Min("value"), "high": Max("value")}

    def plausible(self, fields: Iterable[Field]) -> Self:
        """Return the readings of these fields that are within their fields' limits."""
        limits = [_plausible(field) for field in fields]
        return self.filter(Q.create([*limits], Q.OR)) if limits else self.none()

    def are_more_than(self, count: int) -> bool:
        return bool(self.order_by("measured_at").values_list("field")[count : count + 1])

    def points(self) -> list[tuple[int, float]]:
        """Return the readings of one field in order of time, as (Unix milliseconds, value)."""
        return list(self.order_by("measured_at").values_list(Cast("measured_at", BigIntegerField()), "value"))

    def span(self, station: Station) -> tuple[datetime, datetime] | None:
        """Return when a station's first and last readings were measured, field by field through the primary key.

        Where a retention has removed the first, it is the start of their quarter.
        """
        newest = {field.number: field.newest_at for field in station.fields.all() if field.newest_at}
        # One seek each: SQLite reads the table through where it is asked for the least and the greatest at once.
        sources: list[models.QuerySet[Any]] = [self.filter(station=station).annotate(at=F("measured_at"))]
        if station.raw_since:
            sources.append(Quarter.objects.filter(station=station).annotate(at=F("start")))
        firsts = [source.filter(field=n).aggregate(first=Min("at"))["first"] for source in sources for n in newest]
        known = [first for first in firsts if first is not None]
        return (min(known), max(newest.values())) if known else None


def _plausible(field: Field) -> Q:
    limits: dict[str, Any] = {"station_id": field.station_id, "field": field.number}
    if field.smallest is not None:
        limits["value__gte"] = field.smallest
    if field.largest is not None:
        limits["value__lte"] = field.largest
    return Q(**limits)
