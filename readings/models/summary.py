"""Queries that readings and their rollups answer alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from math import inf
from typing import Any, ClassVar, NamedTuple, Protocol, Self, TypeVar, cast

from django.db import connection, models

from freetemp.fields import to_millis
from freetemp.sql import execute, execute_values
from readings.calendar.span import Span
from readings.models.counted import hull
from stations.models import Field, Station

ModelT = TypeVar("ModelT", bound=models.Model)


class Total(NamedTuple):
    """The number, sum, smallest and largest of some readings, in their field's unit. Each reading counts alike."""

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


class Figures(NamedTuple):
    """The figures of a span: the number of readings, their mean over time, the smallest, the largest and the sum.

    The sum is a figure of amounts and counters; the mean, smallest and largest are those of levels.
    `weight` is the time that the mean stands for: hours in short spans, days in long ones (docs/figures.md).
    """

    n: int
    mean: float
    weight: float
    min: float
    max: float
    sum: float

    def plus(self, other: Figures) -> Figures:
        weight = self.weight + other.weight
        mean = self.mean * (self.weight / weight) + other.mean * (other.weight / weight)
        smallest, largest = min(self.min, other.min), max(self.max, other.max)
        return Figures(self.n + other.n, mean, weight, smallest, largest, self.sum + other.sum)


class Extremes(NamedTuple):
    """A span's figures with the first moments of its smallest and largest reading."""

    summary: Figures
    min_at: datetime
    max_at: datetime


class Wanted(NamedTuple):
    """A field's smallest or largest value, and the span to look for it."""

    field: int
    is_low: bool
    span: Span
    value: float


Moments = dict[tuple[int, bool], int]  # in Unix milliseconds, by the field's number and whether it is the low's
Row = tuple[int, float, float, float]  # moment, mean, smallest, largest


class SummaryQuerySet(models.QuerySet[ModelT]):
    """Rows with a station, a field and a moment, each for one or more readings.

    Pages and charts query in SQL: Django takes longer to build a query than the database takes to run it.
    """

    moment: ClassVar[str]
    # Columns: mean, smallest and largest of one row, then of many; number, sum, smallest and largest of many.
    each: ClassVar[str]
    every: ClassVar[str]
    total: ClassVar[str]
    # Conditions on rows that have an extreme. A rollup beyond the extreme counts too: a reading may have arrived since
    # the page asked for its total.
    low: ClassVar[str]
    high: ClassVar[str]
    # A condition on the rows that count, with places for the field's smallest and largest plausible value.
    plausible: ClassVar[str] = ""

    def of(self, field: Field) -> Self:
        return self.filter(station_id=field.station_id, field=field.number)

    def within(self, span: Span) -> Self:
        return self.filter(**{f"{self.moment}__gte": span.start_ms, f"{self.moment}__lt": span.end_ms})

    def between(self, start: datetime, end: datetime) -> Self:
        """Return the rows from start until just before end."""
        return self.within(Span(to_millis(start), to_millis(end)))

    def first_ms(self, station: Station, numbers: Collection[int]) -> int | None:
        """Return the first moment of a station's fields, by their numbers, in Unix milliseconds."""
        return self._edge_ms("min", station, numbers)

    def last_ms(self, station: Station, numbers: Collection[int]) -> int | None:
        """Return the last moment of a station's fields. It may be later than that of their newest value."""
        return self._edge_ms("max", station, numbers)

    def _edge_ms(self, edge: str, station: Station, numbers: Collection[int]) -> int | None:
        if not numbers:
            return None
        # One seek per field: given all fields at once, SQLite reads all rows of the station.
        table = self.model._meta.db_table
        one = f"SELECT {edge}({self.moment}) AS edge FROM {table} WHERE station_id = %s AND field = %s"  # noqa: S608 - our names
        each = " UNION ALL ".join([one] * len(numbers))
        parameters = [parameter for number in numbers for parameter in (station.pk, number)]
        ((edge_ms,),) = execute(f"SELECT {edge}(edge) FROM ({each}) AS edges", parameters).returned  # noqa: S608 - our names
        return cast(int | None, edge_ms)

    def table(self, fields: Iterable[Field], span: Span) -> str:
        """Return SQL for the rows of one station's fields, at least those within a span."""
        return self.model._meta.db_table

    def has_more_than(self, count: int, of: Field, span: Span) -> bool:
        # The order matters: without it, PostgreSQL may scan the table from its start for matching rows.
        return bool(self._of_one("SELECT 1", [], of, span, f"ORDER BY {self.moment} LIMIT 1 OFFSET {count:d}"))

    def points(self, of: Field, span: Span) -> list[Row]:
        """Return a field's rows as they are, in order of time."""
        return self._of_one(f"SELECT {self.moment}, {self.each}", [], of, span, f"ORDER BY {self.moment}")

    def buckets(self, of: Field, span: Span, step_ms: int, shift_ms: int = 0) -> list[Row]:
        """Return a field's rows summed up by each multiple of a step that (moment + shift) is in, in order.

        The multiple is the bucket's moment.
        """
        columns = f"SELECT ({self.moment} + %s) / %s * %s, {self.every}"
        return self._of_one(columns, [shift_ms, step_ms, step_ms], of, span, "GROUP BY 1 ORDER BY 1")

    def totals(self, fields: Sequence[Field], parts: Sequence[tuple[int, Span]]) -> dict[tuple[int, int], Total]:
        """Return totals of one station's fields in numbered spans of time, by (field's number, span's number)."""
        rows = [
            (field.station_id, field.number, part, *span, *limits_of(field)) for field in fields for part, span in parts
        ]
        statement = (
            "WITH wanted (station, field, part, first, after, smallest, largest) AS (VALUES {places})"
            " SELECT wanted.field, wanted.part, "
            + self.summed_up(
                self.total,
                self.plausible.format("wanted.smallest", "wanted.largest"),
                self.table(fields, hull(span for _, span in parts)),
            )
        )
        totals = execute_values(statement, rows).returned
        return {(field, part): Total(*total) for field, part, *total in totals if total[0]}

    def summed_up(self, columns: str, condition: str = "", table: str = "") -> str:
        """Return the end of a SELECT that sums up the rows of each wanted span, by its field and part.

        It seeks each span by the primary key. With a plain join, PostgreSQL reads the whole table for each.
        """
        seek = f"{self._of_wanted(table)} {condition}"
        if connection.vendor == "postgresql":
            return f"found.* FROM wanted CROSS JOIN LATERAL (SELECT {columns} FROM {seek}) AS found"  # noqa: S608 - our names
        return f"{columns} FROM wanted CROSS JOIN {seek} GROUP BY 1, 2"

    def locate(self, station: Station, fields: Iterable[Field], wanted: Sequence[Wanted]) -> Moments:
        """Return the first moment of each extreme of a station's fields that is wanted and found."""
        table = self.table(fields, hull(each.span for each in wanted))
        statement = (
            "WITH wanted (station, field, is_low, first, after, value) AS (VALUES {places})"  # noqa: S608 - our names
            f" SELECT wanted.field, wanted.is_low, (SELECT min({self.moment}) FROM {self._of_wanted(table)}"
            f" AND CASE wanted.is_low WHEN 1 THEN {self.low} ELSE {self.high} END) FROM wanted"
        )
        rows = [(station.pk, each.field, int(each.is_low), *each.span, each.value) for each in wanted]
        moments: Moments = {}
        for field, is_low, at_ms in execute_values(statement, rows).returned:
            key = (field, bool(is_low))
            if at_ms is not None:
                moments[key] = min(at_ms, moments.get(key, at_ms))
        return moments

    def _of_wanted(self, table: str = "") -> str:
        """Return SQL for the rows in a wanted span. Spans joined by OR in a filter make SQLite read a whole field."""
        return (
            f"{table or self.model._meta.db_table} AS t WHERE t.station_id = wanted.station AND t.field = wanted.field"
            f" AND {self.moment} >= wanted.first AND {self.moment} < wanted.after"
        )

    def _of_one(self, select: str, parameters: Sequence[float], of: Field, span: Span, rest: str) -> list[Any]:
        statement = (
            f"{select} FROM {self.table([of], span)} AS t WHERE station_id = %s AND field = %s"
            f" AND {self.moment} >= %s AND {self.moment} < %s {self.plausible.format('%s', '%s')} {rest}"
        )
        limits = limits_of(of) if self.plausible else ()
        return execute(statement, [*parameters, of.station_id, of.number, *span, *limits]).returned


class Limited(Protocol):
    """A field, as far as its limits matter."""

    @property
    def smallest(self) -> float | None: ...
    @property
    def largest(self) -> float | None: ...


def limits_of(field: Limited) -> tuple[float, float]:
    """Return the smallest and the largest plausible value."""
    return -inf if field.smallest is None else field.smallest, inf if field.largest is None else field.largest
