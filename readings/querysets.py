"""Questions about many readings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Self, TypeVar

from django.db import models
from django.db.models import BigIntegerField, Case, Count, ExpressionWrapper, F, Max, Min, Q, Sum, Value, When
from django.db.models.functions import Cast

from stations.models import Field, Station

ReadingT = TypeVar("ReadingT", bound=models.Model)


class Summary(NamedTuple):
    """Number, sum, smallest and largest of some readings, in their field's unit."""

    n: int
    sum: float
    min: float
    max: float

    @property
    def mean(self) -> float:
        return self.sum / self.n


class Extremes(NamedTuple):
    """A summary with the first moments at which its smallest and largest were measured."""

    summary: Summary
    min_at: datetime
    max_at: datetime


_SUMMARY = {"n": Count("value"), "total": Sum("value"), "low": Min("value"), "high": Max("value")}


class HistoryQuerySet(models.QuerySet[ReadingT]):
    def of(self, field: Field) -> Self:
        return self.filter(station_id=field.station_id, field=field.number)

    def between(self, start: datetime, end: datetime) -> Self:
        """Return what was measured from start on and before end."""
        return self.filter(measured_at__gte=start, measured_at__lt=end)

    def plausible(self, fields: Iterable[Field]) -> Self:
        """Return the readings of these fields that are within their fields' limits."""
        limits = [_plausible(field) for field in fields]
        return self.filter(Q.create([*limits], Q.OR)) if limits else self.none()

    def raw_points(self, limit: int) -> list[tuple[int, float]]:
        """Return up to `limit` readings of one field in order of time, as (Unix milliseconds, value)."""
        points = self.order_by("measured_at").values_list(Cast("measured_at", BigIntegerField()), "value")
        return list(points[:limit])

    def buckets(self, step_ms: int) -> dict[int, Summary]:
        """Return summaries of one field's readings by the start, in Unix milliseconds, of their equal buckets."""
        bucket = ExpressionWrapper(F("measured_at") / Value(step_ms), output_field=BigIntegerField())
        rows = self.annotate(bucket=bucket).values("bucket").annotate(**_SUMMARY).order_by("bucket")
        return {row["bucket"] * step_ms: _summary(row) for row in rows}

    def hourly_means(self, since: datetime) -> dict[int, list[tuple[int, float]]]:
        """Return (hour as Unix milliseconds, mean) in order of time, by the id of their stations."""
        hour_ms = 3_600_000
        bucket = ExpressionWrapper(F("measured_at") / Value(hour_ms), output_field=BigIntegerField())
        rows = (
            self.filter(measured_at__gte=since)
            .annotate(bucket=bucket)
            .values_list("station_id", "bucket")
            .annotate(mean=Sum("value") / Count("value"))
            .order_by("station_id", "bucket")
        )
        means: dict[int, list[tuple[int, float]]] = {}
        for station_id, hour, mean in rows:
            means.setdefault(station_id, []).append((hour * hour_ms, mean))
        return means

    def by_part(self, edges: Sequence[datetime]) -> dict[tuple[int, int], Summary]:
        """Return summaries by (field number, index of the part), where part i runs from edges[i] to edges[i + 1].

        Parts may differ in length: hours of a 25-hour day, days around a change of clocks, months.
        """
        parts = Case(
            *(When(measured_at__lt=end, then=Value(index)) for index, end in enumerate(edges[1:])),
            output_field=models.IntegerField(),
        )
        inside = self.between(edges[0], edges[-1]).annotate(part=parts)
        rows = inside.values("field", "part").annotate(**_SUMMARY).order_by("field", "part")
        return {(row["field"], row["part"]): _summary(row) for row in rows}

    def extremes(self) -> dict[int, Extremes]:
        """Return each field's summary with the moments of its low and high, by the field's number. Two queries."""
        summaries = {row["field"]: _summary(row) for row in self.order_by().values("field").annotate(**_SUMMARY)}
        if not summaries:
            return {}
        at_extremes = Q.create([Q(field=n, value__in=(s.min, s.max)) for n, s in summaries.items()], Q.OR)
        rows = self.filter(at_extremes).values("field", "value")
        first = {(row["field"], row["value"]): row["at"] for row in rows.annotate(at=Min("measured_at")).order_by()}
        return {n: Extremes(s, first[n, s.min], first[n, s.max]) for n, s in summaries.items()}

    def span(self, station: Station) -> tuple[datetime, datetime] | None:
        """Return when a station's first and last readings were measured, field by field through the primary key."""
        own = self.filter(station=station)
        numbers = station.fields.exclude(newest_at=None).values_list("number", flat=True)
        edges = [own.filter(field=n).aggregate(first=Min("measured_at"), last=Max("measured_at")) for n in numbers]
        edges = [edge for edge in edges if edge["first"] is not None]
        if not edges:
            return None
        return min(edge["first"] for edge in edges), max(edge["last"] for edge in edges)


def _plausible(field: Field) -> Q:
    limits: dict[str, Any] = {"station_id": field.station_id, "field": field.number}
    if field.smallest is not None:
        limits["value__gte"] = field.smallest
    if field.largest is not None:
        limits["value__lte"] = field.largest
    return Q(**limits)


def _summary(row: dict[str, Any]) -> Summary:
    return Summary(row["n"], row["total"], row["low"], row["high"])
