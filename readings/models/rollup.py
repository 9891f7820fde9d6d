"""Summaries of readings, kept with them: a page's cost is its width in pixels and not the years behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import models

from freetemp.fields import EpochMillisField, from_millis, to_millis
from readings.sql import execute_values
from stations.models import Station

QUARTER_MS = 900_000  # 15 minutes: since 1972 every zone's offset is a multiple of it.

RollupKey = tuple[int, int, int]  # station, field, start in Unix milliseconds


class Total(NamedTuple):
    """Number, sum, smallest and largest of some readings."""

    n: int
    sum: float
    min: float
    max: float

    def plus(self, other: Total) -> Total:
        smallest, largest = min(self.min, other.min), max(self.max, other.max)
        return Total(self.n + other.n, self.sum + other.sum, smallest, largest)


class RollupQuerySet(models.QuerySet["Rollup"]):
    def add(self, totals: dict[RollupKey, Total]) -> None:
        """Add totals to those that are there. Call it in the transaction that stores their readings."""
        table = self.model._meta.db_table
        execute_values(
            f'INSERT INTO {table} (station_id, field, start, count, "sum", "min", "max") VALUES {{places}}'  # noqa: S608 - our names
            " ON CONFLICT (station_id, field, start) DO UPDATE SET"
            f' count = {table}.count + excluded.count, "sum" = {table}."sum" + excluded."sum",'
            f' "min" = CASE WHEN excluded."min" < {table}."min" THEN excluded."min" ELSE {table}."min" END,'
            f' "max" = CASE WHEN excluded."max" > {table}."max" THEN excluded."max" ELSE {table}."max" END',
            [(*key, *total) for key, total in sorted(totals.items())],  # In order: all writers lock in the same one.
        )


class Rollup(models.Model):
    """Count, sum, smallest and largest of a field's plausible readings from `start` on."""

    pk = models.CompositePrimaryKey("station", "field", "start")
    station = models.ForeignKey(Station, models.PROTECT, related_name="+", db_index=False)
    field = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField()
    start = EpochMillisField()
    sum = models.FloatField()
    min = models.FloatField()
    max = models.FloatField()

    objects = RollupQuerySet.as_manager()

    class Meta:
        abstract = True


class Quarter(Rollup):
    """A quarter of an hour of UTC: the finest, and what a retention keeps."""

    def __str__(self) -> str:
        return f"{self.station} field {self.field}, quarter from {self.start}: {self.count}"


class Day(Rollup):
    """A day of the station's own zone, by its first moment: of 23, 24 or 25 hours."""

    def __str__(self) -> str:
        return f"{self.station} field {self.field}, day from {self.start}: {self.count}"


def quarter_start_ms(moment_ms: int) -> int:
    return moment_ms - moment_ms % QUARTER_MS


@lru_cache(maxsize=4096)
def day_start_ms(zone: ZoneInfo, quarter_ms: int) -> int:
    """Return the first moment of the local day that holds a quarter, in Unix milliseconds."""
    day = from_millis(quarter_ms).astimezone(zone).date()
    return to_millis(datetime.combine(day, time(), zone).astimezone(UTC))


def days_of(quarters: dict[RollupKey, Total], zones: Mapping[int, ZoneInfo]) -> dict[RollupKey, Total]:
    """Return the totals of local days out of those of quarters, with the zones of their stations."""
    days: dict[RollupKey, Total] = {}
    for (station, field, start_ms), total in quarters.items():
        day = (station, field, day_start_ms(zones[station], start_ms))
        days[day] = days[day].plus(total) if day in days else total
    return days
