"""New readings added to rollups: to their quarters, and to the means of the hours of their days.

Every report runs through this module: it costs a single value one statement more than adding sums would.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from math import isfinite
from zoneinfo import ZoneInfo

from readings.calendar.days import day_start_ms
from readings.calendar.span import HOUR_MS, Span
from readings.models import Day, Quarter
from readings.models.day import DayTotal
from readings.models.rollup import RollupKey
from readings.models.summary import Total

Hours = dict[RollupKey, dict[int, Total]]  # totals by the starts of their quarters, for each hour


def add_to_rollups(quarters: Mapping[RollupKey, Total], zones: Mapping[int, ZoneInfo]) -> None:
    """Add totals of new readings, by their quarters, to the stored quarters and days.

    Call it in the transaction that stores the readings, with their fields locked: it reads the quarters of their hours
    to find how far the means of these hours change.
    """
    days: dict[RollupKey, Hours] = defaultdict(lambda: defaultdict(dict))
    for (station, field, quarter_ms), total in quarters.items():
        day_ms = day_start_ms(zones[station], quarter_ms)
        hour_ms = quarter_ms - (quarter_ms - day_ms) % HOUR_MS
        days[station, field, day_ms][station, field, hour_ms][quarter_ms] = total
    stored = _stored([hour for hours in days.values() for hour in hours], zones)
    Quarter.objects.add(quarters)
    Day.objects.add({day: _change_of_day(hours, stored) for day, hours in days.items()})


def _change_of_day(hours: Hours, stored: Hours) -> DayTotal:
    """Return what new readings add to a day, by its hours. The sum of the means changes by how far each mean does."""
    counts, sums, lows, highs = zip(*[total for new in hours.values() for total in new.values()], strict=True)
    new_hours = sum(hour not in stored for hour in hours)
    difference = sum(_difference(stored.get(hour, {}), new) for hour, new in hours.items())
    return DayTotal(sum(counts), sum(sums), min(lows), max(highs), new_hours, difference)


def _difference(known: Mapping[int, Total], new: Mapping[int, Total]) -> float:
    """Return how far the mean of an hour changes."""
    if not known:  # As in nearly every hour of a backlog.
        mean = sum([total.mean for total in new.values()]) / len(new)
        return mean if isfinite(mean) else 0.0
    before = {quarter_ms: total.mean for quarter_ms, total in known.items()}
    after = before | {
        quarter_ms: (known[quarter_ms].plus(total) if quarter_ms in known else total).mean
        for quarter_ms, total in new.items()
    }
    difference = sum(after.values()) / len(after) - (sum(before.values()) / len(before) if before else 0.0)
    return difference if isfinite(difference) else 0.0  # A broken board may report anything.


def _stored(hours: Collection[RollupKey], zones: Mapping[int, ZoneInfo]) -> Hours:
    """Return the stored quarters of some hours."""
    stored: Hours = {}
    for (station, field, quarter_ms), total in Quarter.objects.in_spans(list(_spans(sorted(hours)))):
        hour_ms = quarter_ms - (quarter_ms - day_start_ms(zones[station], quarter_ms)) % HOUR_MS
        stored.setdefault((station, field, hour_ms), {})[quarter_ms] = total
    return stored


def _spans(hours: list[RollupKey]) -> Iterator[tuple[int, int, Span]]:
    """Yield the spans of hours, which must be in order. Hours that follow one another share a span."""
    edges = [n for n, (one, other) in enumerate(pairwise(hours), 1) if other != (*one[:2], one[2] + HOUR_MS)]
    for first, after in pairwise([0, *edges, len(hours)] if hours else []):
        station, field, start_ms = hours[first]
        yield station, field, Span(start_ms, hours[after - 1][2] + HOUR_MS)
