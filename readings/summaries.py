"""Questions that readings and their rollups answer alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple, Self, TypeVar

from django.db import models
from django.db.models import BigIntegerField, ExpressionWrapper, F, IntegerField, Min, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from freetemp.fields import to_millis
from readings.sql import execute_values
from stations.models import Field, Station

ModelT = TypeVar("ModelT", bound=models.Model)


class Total(NamedTuple):
    """Number, sum, smallest and largest of some readings, in their field's unit."""

    n: int
    sum: float
    min: float
    max: float

    @property
    def mean(self) -> float:
        return self.sum / self.n

    def plus(self, other: Total) -> Total:
        smallest, largest = min(self.min, other.min), max(self.max, other.max)
        return Total(self.n + other.n, self.sum + other.sum, smallest, largest)


class Extremes(NamedTuple):
    """A total with the first moments at which its smallest and largest were measured."""

    summary: Total
    min_at: datetime
    max_at: datetime


class Span(NamedTuple):
    """From `start_ms` on and before `end_ms`, in Unix milliseconds."""

    start_ms: int
    end_ms: int


class Wanted(NamedTuple):
    """A field's smallest value, or its largest, and where to look for it."""

    field: int
    is_low: bool
    span: Span
    value: float


Moments = dict[tuple[int, bool], int]  # in Unix milliseconds, by the field's number and whether it is of the low


class SummaryQuerySet(models.QuerySet[ModelT]):
    """Rows of a station, a field and a moment, each one or more readings."""

    moment: ClassVar[str]
    # Conditions on rows that have an extreme. A rollup that goes beyond has it too: since a page asked for its total,
    # a reading may have arrived.
    low: ClassVar[str]
    high: ClassVar[str]
    total: ClassVar[dict[str, models.Aggregate]]

    def of(self, *fields: Field) -> Self:
        """Return what these fields of one station measured."""
        if not fields:
            return self.none()
        return self.filter(station_id=fields[0].station_id, field__in=[field.number for field in fields])

    def within(self, span: Span) -> Self:
        return self.filter(**{f"{self.moment}__gte": span.start_ms, f"{self.moment}__lt": span.end_ms})

    def between(self, start: datetime, end: datetime) -> Self:
        """Return what was measured from start on and before end."""
        return self.within(Span(to_millis(start), to_millis(end)))

    def totals(self) -> dict[int, Total]:
        """Return the total of each field by its number."""
        rows = self.order_by().values_list("field").annotate(**self.total)
        return {number: Total(*total) for number, *total in rows}

    def by_part(self, edges: Sequence[datetime]) -> dict[tuple[int, int], Total]:
        """Return totals by (field number, index of the part), where part i runs from edges[i] to edges[i + 1].

        Parts may differ in length: hours of a 25-hour day, days around a change of clocks, months.
        """
        cases = f'WHEN "{self.moment}" < %s THEN %s ' * (len(edges) - 1)
        ends = [each for index, end in enumerate(edges[1:]) for each in (to_millis(end), index)]
        # 90 parts as When() take Django longer to write down than SQLite to answer.
        part = RawSQL(f"CASE {cases}END", ends, IntegerField())  # noqa: S611 - our names, and parameters
        rows = self.annotate(part=part).values_list("field", "part").annotate(**self.total).order_by()
        return {(number, index): Total(*total) for number, index, *total in rows if index is not None}

    def buckets(self, step_ms: int, shift_ms: int = 0) -> list[tuple[int, Total]]:
        """Return one field's totals by (moment + shift) / step, each with its first row's moment, in order of time."""
        bucket = ExpressionWrapper((F(self.moment) + Value(shift_ms)) / Value(step_ms), output_field=BigIntegerField())
        first = Min(Cast(self.moment, BigIntegerField()))
        rows = self.annotate(bucket=bucket).values_list("bucket").annotate(first=first, **self.total).order_by("bucket")
        return [(first_ms, Total(*total)) for _, first_ms, *total in rows]

    def locate(self, station: Station, wanted: Sequence[Wanted]) -> Moments:
        """Return the first moment of each extreme that is wanted and found."""
        table, moment = self.model._meta.db_table, self.moment
        # In a filter, two spans with OR between them make SQLite read all that there is of a field.
        statement = (
            "WITH wanted (field, is_low, first, after, value) AS (VALUES {places})"  # noqa: S608 - our names
            f" SELECT wanted.field, wanted.is_low, min({moment}) FROM wanted CROSS JOIN {table} AS t"
            f" WHERE t.station_id = {station.pk:d} AND t.field = wanted.field"
            f" AND {moment} >= wanted.first AND {moment} < wanted.after"
            f" AND CASE wanted.is_low WHEN 1 THEN {self.low} ELSE {self.high} END GROUP BY 1, 2"
        )
        rows = [(each.field, int(each.is_low), *each.span, each.value) for each in wanted]
        moments: Moments = {}
        for field, is_low, at_ms in execute_values(statement, rows).returned:
            key = (field, bool(is_low))
            moments[key] = min(at_ms, moments.get(key, at_ms))
        return moments
