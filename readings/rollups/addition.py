"""New readings added to rollups: to their quarters, and to the means of the hours of their days.

Every report runs through this module: it costs a single value one statement more than adding sums would.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from math import isfinite
from zoneinfo import ZoneInfo

from readings.calendar.days import day_start_ms
from readings.calendar.span import HOUR_MS, Span
from readings.models import Day, Quarter
from readings.models.day import DayTotal
from readings.models.rollup import RollupKey
from readings.models.summary import Total


def add_to_rollups(quarters: Mapping[RollupKey, Total], zones: Mapping[int, ZoneInfo]) -> None:
    """Add totals of new readings, by their quarters, to the stored quarters and days.

    Call it in the transaction that stores the readings, with their fields locked: it reads the quarters of their hours
    to find how far the means of these hours change.
    """
    days: dict[RollupKey, list[Total]] = defaultdict(list)
    hours: dict[RollupKey, dict[int, Total]] = defaultdict(dict)  # the new readings of each hour, by quarters
    for (station, field, quarter_ms), total in quarters.items():
        day_ms = day_start_ms(zones[station], quarter_ms)
        days[station, field, day_ms].append(total)
        hours[station, field, quarter_ms - (quarter_ms - day_ms) % HOUR_MS][quarter_ms] = total
    stored = _stored(hours, zones)
    changes: dict[RollupKey, list[tuple[bool, float]]] = defaultdict(list)  # of hours: whether it is new, and its mean
    for (station, field, hour_ms), new in hours.items():
        known = stored.get((station, field, hour_ms), {})
        changes[station, field, day_start_ms(zones[station], hour_ms)].append((not known, _difference(known, new)))
    Quarter.objects.add(quarters)
    Day.objects.add({day: _change_of_day(totals, changes[day]) for day, totals in days.items()})


def _change_of_day(totals: Sequence[Total], hours: Sequence[tuple[bool, float]]) -> DayTotal:
    counts, sums, lows, highs = zip(*totals, strict=True)
    are_new, differences = zip(*hours, strict=True)
    return DayTotal(sum(counts), sum(sums), min(lows), max(highs), sum(are_new), sum(differences))


def _difference(known: Mapping[int, Total], new: Mapping[int, Total]) -> float:
    """Return how far the mean of an hour changes."""
    before = {quarter_ms: total.mean for quarter_ms, total in known.items()}
    after = before | {
        quarter_ms: (known[quarter_ms].plus(total) if quarter_ms in known else total).mean
        for quarter_ms, total in new.items()
    }
    difference = sum(after.values()) / len(after) - (sum(before.values()) / len(before) if before else 0.0)
    return difference if isfinite(difference) else 0.0  # A broken board may report anything.


def _stored(hours: Collection[RollupKey], zones: Mapping[int, ZoneInfo]) -> dict[RollupKey, dict[int, Total]]:
    """Return the stored quarters of some hours."""
    stored: dict[RollupKey, dict[int, Total]] = {}
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
