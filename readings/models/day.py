"""Days of a station's calendar. The mean of a day is that of its hours, and the mean of days that of the days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

from django.db import models

from freetemp.sql import execute_values
from readings.calendar.days import RunningDay
from readings.calendar.span import Span
from readings.models.rollup import RollupQuerySet, TotalRollup
from readings.models.summary import Figures, Row
from stations.models import Field

MEAN = "hour_sum / hours"


class DayTotal(NamedTuple):
    """The number, sum, smallest and largest of a day's readings; the number of its hours with readings, and the sum of
    their means."""

    n: int
    sum: float
    min: float
    max: float
    hours: int
    hour_sum: float

    def plus(self, other: DayTotal) -> DayTotal:
        smallest, largest = min(self.min, other.min), max(self.max, other.max)
        hours, hour_sum = self.hours + other.hours, self.hour_sum + other.hour_sum
        return DayTotal(self.n + other.n, self.sum + other.sum, smallest, largest, hours, hour_sum)


class DayExtremes(NamedTuple):
    """The number of some days, their smallest and largest reading, and the largest sum of one day."""

    days: int
    min: float
    max: float
    most: float


class DayQuerySet(RollupQuerySet["Day"]):
    each: ClassVar[str] = f'{MEAN}, "min", "max"'
    columns: ClassVar[Sequence[str]] = ("count", "sum", "min", "max", "hours", "hour_sum")
    totals_are = DayTotal

    def buckets_of_days(self, of: Field, span: Span, step_ms: int, shift_ms: int, running: RunningDay) -> list[Row]:
        """Return buckets of several days, each as long as `step_ms`. The running day counts by its share."""
        weight = _weight("%s", "%s")
        columns = f'SELECT (start + %s) / %s * %s, {_mean(weight)}, min("min"), max("max")'
        parameters = [shift_ms, step_ms, step_ms, *running, *running]
        return self._of_one(columns, parameters, of, span, "GROUP BY 1 ORDER BY 1")

    def figures(
        self, fields: Sequence[Field], parts: Sequence[tuple[int, Span]], running: RunningDay
    ) -> dict[tuple[int, int], Figures]:
        """Return the figures of one station's fields in numbered spans, by (field's number, span's number)."""
        rows = [(field.station_id, field.number, part, *span, *running) for field in fields for part, span in parts]
        statement = (
            "WITH wanted (station, field, part, first, after, today, share) AS (VALUES {places})"
            f" SELECT wanted.field, wanted.part, {self.summed_up(FIGURES)}"
        )
        found = execute_values(statement, rows).returned
        return {(field, part): Figures(*figures) for field, part, *figures in found if figures[0]}

    def extremes_of(self, wanted: Mapping[int, tuple[int, int, Span]]) -> dict[int, DayExtremes]:
        """Return the extremes of some (station, field, span), by the numbers under which they are asked for."""
        found = self.by_number('count(*), min("min"), max("max"), max("sum")', wanted)
        return {number: DayExtremes(*extremes) for number, extremes in found.items()}


def _weight(today: str, share: str) -> str:
    """Return SQL for the weight of a day in a longer span's mean: one, or the share of today that has passed."""
    return f"CASE WHEN start = {today} THEN CAST({share} AS double precision) ELSE 1 END"


def _mean(weight: str) -> str:
    return f"sum({MEAN} * {weight}) / sum({weight})"


_WEIGHT = _weight("today", "share")
# SQL for the Figures of many days. `wanted` must have the RunningDay as `today` and `share`: as parts of the text, they
# would make another statement each second, which SQLite compiles and keeps.
FIGURES = f'sum(count), {_mean(_WEIGHT)}, sum({_WEIGHT}), min("min"), max("max"), sum("sum")'


class Day(TotalRollup):
    """A day of 23, 24 or 25 hours in the station's own zone, by its first moment.

    Its hours count from its start. `hour_sum` is the sum of the means of those that have readings.
    """

    hours = models.PositiveSmallIntegerField(db_default=1)  # Never zero: means divide by it.
    hour_sum = models.FloatField(db_default=0.0)

    objects = DayQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.station} field {self.field}, day from {self.start}: {self.count}"
