"""How often a field was reported, day by day: a station's interval may have been another in other years."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil
from typing import NamedTuple
from zoneinfo import ZoneInfo

from freetemp.sql import execute
from readings.models.rollup import LONGEST_DAY_MS, day_starts_ms
from readings.summaries import Span, limits_of
from stations.models import Field

# Days on either side that say what is usual, as almanac.py has it for the records.
NEAR = 3
# Of the station's interval: between these, a day goes by the interval itself.
FAST, SLOW = 0.8, 1.5
A_HAIR = 1e-6  # What a sum of fractions may be beside a whole number.
MOST_SAMPLES, A_SAMPLE = 12, 21


class Counted(NamedTuple):
    """Some plausible readings from a moment on, in Unix milliseconds, and before another; here all those of a day."""

    start_ms: int
    end_ms: int
    n: int
    interval_ms: float

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms

    @property
    def expected(self) -> float:
        return self.length_ms / self.interval_ms

    @property
    def received(self) -> int:
        """Return how many are there of those that were expected: not more than so many."""
        return min(self.n, ceil(self.expected - A_HAIR))


def usual(
    field: Field, days: Sequence[tuple[int, int]], zone: ZoneInfo, known: Span, interval_ms: int
) -> list[Counted]:
    """Return the days with what was usual on each, out of their starts and counts.

    Usual is the station's interval, unless the fullest of the three days before a day and that of the three after it
    say that readings came faster, or that they came slower and regularly: then it is that distance. `known` is from
    the field's first reading to its newest; the first day begins with it.
    """
    ends = [_end_ms(start, after, zone) for (start, _), after in _with_next(days)]
    parts = [
        Counted(max(start, known.start_ms), end, n, interval_ms) for (start, n), end in zip(days, ends, strict=True)
    ]
    own = [_own_ms(part, known, start) for part, (start, _) in zip(parts, days, strict=True)]
    if all(FAST * interval_ms <= each <= SLOW * interval_ms for each in own):
        return parts
    found = [_near(own, index) for index in range(len(own))]
    slow = _slow(field, parts, found, interval_ms)
    return [
        part._replace(interval_ms=slow.get(index, near if near < FAST * interval_ms else interval_ms))
        for index, (part, near) in enumerate(zip(parts, found, strict=True))
    ]


def _with_next(days: Sequence[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], int | None]]:
    return zip(days, [*(start for start, _ in days[1:]), None], strict=True)


def _end_ms(start_ms: int, next_ms: int | None, zone: ZoneInfo) -> int:
    """Return the end of a day, which mostly is the start of the next that has readings: a zone takes its time."""
    if next_ms is not None and next_ms - start_ms <= LONGEST_DAY_MS:
        return next_ms
    return list(day_starts_ms(zone, Span(start_ms, start_ms + 1)))[-1]


def _own_ms(part: Counted, known: Span, midnight_ms: int) -> float:
    """Return the mean distance on a day. The first and the newest day do not show that readings come fast."""
    length_ms = min(part.end_ms, known.end_ms) - part.start_ms
    if midnight_ms < known.start_ms or known.end_ms < part.end_ms:
        return max(part.interval_ms, length_ms / max(part.n - 1, 1))
    return length_ms / part.n


def _near(own: Sequence[float], index: int) -> float:
    """Return the distance on the fullest of the days before and after, on the side where that is longer.

    Without the day itself: one on which everything came twice is not usual. It has to do where a side has no days.
    """
    sides = own[max(0, index - NEAR) : index], own[index + 1 : index + 1 + NEAR]
    return max(min(side or (own[index],)) for side in sides)


def _slow(field: Field, parts: Sequence[Counted], near: Sequence[float], interval_ms: int) -> dict[int, float]:
    """Return the distance on each day that is usually farther apart, where it is so regularly: what is lost here and
    there by bad WiFi has the station's own interval between many of its readings.

    Each stretch of such days is judged by readings from its middle.
    """
    stretches = list(_stretches(near, SLOW * interval_ms))[:MOST_SAMPLES]
    if not stretches:
        return {}
    samples = _samples(field, [parts[(first + after) // 2].start_ms for first, after in stretches])
    slow: dict[int, float] = {}
    for (first, after), moments in zip(stretches, samples, strict=True):
        distances = sorted(later - one for one, later in pairwise(moments))
        # A quarter of them are no longer. Where the raw readings are gone, the days' counts have to do.
        distance = distances[len(distances) // 4] if distances else min(near[first:after])
        if distance > SLOW * interval_ms:
            slow |= dict.fromkeys(range(first, after), float(distance))
    return slow


def _stretches(near: Sequence[float], slow: float) -> Iterator[tuple[int, int]]:
    """Yield from where to before where days are slow, and about as slow as the first of them."""
    first = 0
    while first < len(near):
        after = first + 1
        if near[first] > slow:
            while after < len(near) and near[first] / SLOW < near[after] < near[first] * SLOW and near[after] > slow:
                after += 1
            yield first, after
        first = after


def _samples(field: Field, starts_ms: Sequence[int]) -> list[list[int]]:
    """Return the moments of some readings from each of the starts on."""
    one = (
        "SELECT * FROM (SELECT {part:d} AS part, measured_at FROM readings_reading WHERE station_id = %s AND field = %s"
        " AND measured_at >= %s AND measured_at < %s AND value >= %s AND value <= %s"
        " ORDER BY measured_at LIMIT {most:d}) AS s{part:d}"
    )
    statement = " UNION ALL ".join(one.format(part=part, most=A_SAMPLE) for part in range(len(starts_ms)))
    limits = limits_of(field)
    parameters = [
        each
        for start_ms in starts_ms
        for each in (field.station_id, field.number, start_ms, start_ms + A_SAMPLE * LONGEST_DAY_MS, *limits)
    ]
    samples: list[list[int]] = [[] for _ in starts_ms]
    for part, moment_ms in execute(statement, parameters).returned:
        samples[part].append(moment_ms)
    return [sorted(each) for each in samples]
