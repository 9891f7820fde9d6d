"""How often a field was reported, day by day: a station's interval may have been different in other years.

Each page runs columns of whole years through this module, so they are lists instead of objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import ceil
from operator import sub, truediv
from typing import Self
from zoneinfo import ZoneInfo

from freetemp.sql import execute
from readings.calendar.days import LONGEST_DAY_MS, day_of
from readings.calendar.span import Span
from readings.models import Reading
from readings.models.summary import limits_of
from stations.models import Field

# The number of days on either side that show what is usual, as in almanac.py for the records.
NEAR = 3
# Multiples of the station's interval: between these, the interval itself applies to a day.
FAST, SLOW = 0.8, 1.5
A_HAIR = 1e-6  # The rounding error of a sum of fractions near a whole number.
MOST_SAMPLES, A_SAMPLE = 12, 21


@dataclass(frozen=True)
class Days:
    """Days with plausible readings, in order: their starts, ends, numbers of readings, and usual distances.

    Times are in milliseconds; moments are Unix time.
    """

    starts: Sequence[int]
    ends: Sequence[int]
    counts: Sequence[int]
    intervals: Sequence[float]

    def part(self, first: int, after: int) -> Self:
        return type(self)(
            *(each[first:after] for each in (self.starts, self.ends, self.counts, self.intervals))  # type: ignore[arg-type]
        )

    @cached_property
    def lengths(self) -> list[int]:
        return list(map(sub, self.ends, self.starts))

    @property
    def expected(self) -> float:
        """Return how many readings were expected on these days and between them."""
        between = zip(self.ends, self.starts[1:], self.intervals, strict=False)
        holes = sum((start - end) / interval for end, start, interval in between if start > end)
        on_days: float = sum(map(truediv, self.lengths, self.intervals))
        return on_days + holes

    @property
    def received(self) -> int:
        """Return how many of the expected readings are there. Repeats on one day do not make up for another day."""
        due = [ceil(length / interval - A_HAIR) for length, interval in zip(self.lengths, self.intervals, strict=True)]
        return sum(map(min, self.counts, due))


def usual(field: Field, rows: Sequence[tuple[int, int]], zone: ZoneInfo, known: Span, interval_ms: float) -> Days:
    """Return a field's days from their starts and counts, with the usual distance on each.

    The usual distance is the station's interval, unless the fullest of the three days before a day and that of the
    three after it show that readings came faster, or regularly came slower: then it is the distance on those days.
    `known` runs from the field's first reading to its newest; the first day begins with it.
    """
    starts, counts = [start for start, _ in rows], [n for _, n in rows]
    ends = [*starts[1:], starts[-1] + LONGEST_DAY_MS + 1]
    # A day usually ends where the next begins. Asking the zone is slow, so only the others do.
    for index in [n for n, length in enumerate(map(sub, ends, starts)) if length > LONGEST_DAY_MS]:
        ends[index] = day_of(zone, starts[index]).end_ms
    is_first = starts[0] < known.start_ms
    starts[0] = max(starts[0], known.start_ms)
    days = Days(starts, ends, counts, [interval_ms] * len(rows))
    distances = list(map(truediv, days.lengths, counts))
    # The first day and the newest cannot prove that readings come fast.
    for index, is_cut in ((0, is_first), (-1, known.end_ms < ends[-1])):
        length_ms = min(ends[index], known.end_ms) - starts[index]
        if is_cut:
            distances[index] = max(interval_ms, length_ms / max(counts[index] - 1, 1))
    return Days(starts, ends, counts, _intervals(field, days, distances, interval_ms))


def _intervals(field: Field, days: Days, distances: Sequence[float], interval_ms: float) -> list[float]:
    fast_ms, slow_ms = FAST * interval_ms, SLOW * interval_ms
    odd = [index for index, distance in enumerate(distances) if not fast_ms <= distance <= slow_ms]
    touched = {near for index in odd for near in range(max(0, index - NEAR), min(len(distances), index + NEAR + 1))}
    near = {index: _near(distances, index) for index in sorted(touched)}
    changed = {index: each for index, each in near.items() if each < fast_ms} | _slow(field, days, near, slow_ms)
    return [changed.get(index, interval_ms) for index in range(len(distances))] if changed else list(days.intervals)


def _near(distances: Sequence[float], index: int) -> float:
    """Return the distance on the fullest of the days before or after, whichever is longer.

    The day itself is left out: a day on which everything came twice is not usual. It stands in for a side without days.
    """
    sides = distances[max(0, index - NEAR) : index], distances[index + 1 : index + 1 + NEAR]
    return max(min(side or (distances[index],)) for side in sides)


def _slow(field: Field, days: Days, near: Mapping[int, float], slow_ms: float) -> dict[int, float]:
    """Return the distance on each slow day, if its readings came regularly.

    Days that only lost readings to bad WiFi still have the station's interval between many readings. Each stretch of
    about equally slow days is judged by readings from its middle.
    """
    stretches = list(_stretches({index: each for index, each in near.items() if each > slow_ms}))[:MOST_SAMPLES]
    if not stretches:
        return {}
    samples = _samples(field, [days.starts[(each.start + each.stop) // 2] for each in stretches])
    slow: dict[int, float] = {}
    for stretch, moments in zip(stretches, samples, strict=True):
        distances = sorted(after - before for before, after in pairwise(moments))
        # A quarter of them are no longer than this. If the raw readings are gone, the days' counts must do.
        distance = distances[len(distances) // 4] if distances else min(near[index] for index in stretch)
        if distance > slow_ms:
            slow |= dict.fromkeys(stretch, float(distance))
    return slow


def _stretches(slow: Mapping[int, float]) -> Iterator[range]:
    """Yield stretches of consecutive days that are about as slow as their first day."""
    stretch = range(0)
    for index, each in slow.items():
        if stretch and index == stretch.stop and slow[stretch.start] / SLOW < each < slow[stretch.start] * SLOW:
            stretch = range(stretch.start, index + 1)
            continue
        yield from [stretch] if stretch else []
        stretch = range(index, index + 1)
    yield from [stretch] if stretch else []


def _samples(field: Field, starts_ms: Sequence[int]) -> list[list[int]]:
    """Return the moments of some readings after each of the starts."""
    counted = Reading.objects.all().table([field], Span(min(starts_ms), max(starts_ms) + A_SAMPLE * LONGEST_DAY_MS))
    one = (
        f"SELECT * FROM (SELECT {{part:d}} AS part, measured_at FROM {counted} AS t"  # noqa: S608 - our names
        " WHERE station_id = %s AND field = %s AND measured_at >= %s AND measured_at < %s"
        " AND value >= %s AND value <= %s"
        " ORDER BY measured_at LIMIT {most:d}) AS s{part:d}"
    )
    statement = " UNION ALL ".join(one.format(part=part, most=A_SAMPLE) for part in range(len(starts_ms)))
    parameters = [
        each
        for start_ms in starts_ms
        for each in (field.station_id, field.number, start_ms, start_ms + A_SAMPLE * LONGEST_DAY_MS, *limits_of(field))
    ]
    samples: list[list[int]] = [[] for _ in starts_ms]
    for part, moment_ms in execute(statement, parameters).returned:
        samples[part].append(moment_ms)
    return [sorted(each) for each in samples]
