"""New readings added to rollups: to their quarters, and to the means of the hours of their days.

Every report runs through this module: it costs a single value one statement more than adding sums would, and no
queryset.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from math import isfinite
from zoneinfo import ZoneInfo

from django.db import connection

from freetemp.sql import execute_values
from readings.calendar.days import day_start_ms
from readings.calendar.span import HOUR_MS
from readings.models import Day, Quarter
from readings.models.day import DayTotal
from readings.models.rollup import RollupKey
from readings.models.summary import Total

_SEEK = (
    "readings_quarter AS t WHERE t.station_id = wanted.station AND t.field = wanted.field"
    " AND start >= wanted.first AND start < wanted.after"
)
_STORED = (
    "WITH wanted (station, field, first, after) AS (VALUES {places})"
    ' SELECT wanted.station, wanted.field, start, count, "sum" FROM wanted CROSS JOIN '
)
_BY_VENDOR = {
    "sqlite": _STORED + _SEEK,
    # Without LATERAL, PostgreSQL may read the whole table: see SummaryQuerySet.summed_up().
    "postgresql": f'{_STORED} LATERAL (SELECT start, count, "sum" FROM {_SEEK}) AS found',  # noqa: S608 - our names
}


def add_to_rollups(quarters: Mapping[RollupKey, Total], zones: Mapping[int, ZoneInfo]) -> None:
    """Add totals of new readings, by their quarters, to the stored quarters and days.

    Call it in the transaction that stores the readings, with their fields locked: it reads the quarters of their hours
    to find how far the means of these hours change.
    """
    days: dict[RollupKey, DayTotal] = {}
    hours: dict[RollupKey, dict[int, Total]] = {}  # the new readings of each hour, by quarters
    for (station, field, quarter_ms), total in quarters.items():
        day_ms = day_start_ms(zones[station], quarter_ms)
        day, change = (station, field, day_ms), DayTotal(*total, 0, 0.0)
        days[day] = days[day].plus(change) if day in days else change
        hour = (station, field, quarter_ms - (quarter_ms - day_ms) % HOUR_MS)
        hours.setdefault(hour, {})[quarter_ms] = total
    stored = _stored(hours, zones)
    for hour, new in hours.items():
        day, known = (*hour[:2], day_start_ms(zones[hour[0]], hour[2])), stored.get(hour, {})
        difference = _difference(known, new)
        change = DayTotal(0, 0.0, days[day].min, days[day].max, not known, difference)
        days[day] = days[day].plus(change)
    Quarter.objects.add(quarters)
    Day.objects.add(days)


def _difference(known: Mapping[int, tuple[int, float]], new: Mapping[int, Total]) -> float:
    """Return how far the mean of an hour changes."""
    before = {quarter_ms: added / n for quarter_ms, (n, added) in known.items()}
    after = dict(before)
    for quarter_ms, total in new.items():
        n, added = known.get(quarter_ms, (0, 0.0))
        after[quarter_ms] = (added + total.sum) / (n + total.n)
    difference = sum(after.values()) / len(after) - (sum(before.values()) / len(before) if before else 0.0)
    return difference if isfinite(difference) else 0.0  # A broken board may report anything.


def _stored(
    hours: Collection[RollupKey], zones: Mapping[int, ZoneInfo]
) -> dict[RollupKey, dict[int, tuple[int, float]]]:
    """Return the number and the sum of each stored quarter of some hours."""
    stored: dict[RollupKey, dict[int, tuple[int, float]]] = {}
    for station, field, quarter_ms, n, added in execute_values(
        _BY_VENDOR[connection.vendor], list(_spans(sorted(hours)))
    ).returned:
        hour_ms = quarter_ms - (quarter_ms - day_start_ms(zones[station], quarter_ms)) % HOUR_MS
        stored.setdefault((station, field, hour_ms), {})[quarter_ms] = n, added
    return stored


def _spans(hours: list[RollupKey]) -> Iterator[tuple[int, int, int, int]]:
    """Yield the spans of hours, which must be in order. Hours that follow one another share a span."""
    edges = [n for n, (one, other) in enumerate(pairwise(hours), 1) if other != (*one[:2], one[2] + HOUR_MS)]
    for first, after in pairwise([0, *edges, len(hours)] if hours else []):
        station, field, start_ms = hours[first]
        yield station, field, start_ms, hours[after - 1][2] + HOUR_MS
