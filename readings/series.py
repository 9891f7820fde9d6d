"""One field's history for a chart: raw readings where they fit, equal buckets where they do not, and gaps as gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from freetemp.fields import from_millis, to_millis
from readings.models import Day, Quarter, Reading
from readings.models.rollup import LONGEST_DAY_MS, QUARTER_MS, midnight_ms
from readings.rebuild import raw_since_ms
from readings.summaries import Span, SummaryQuerySet, Total
from stations.models import Field

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
# Bucket widths in milliseconds that people can say; each is a multiple of 15 minutes or divides them. From six hours
# on to a day: half days of half a year would be 20,000 quarters, and take longer than all else.
STEPS_MS = [
    *(SECOND, 5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 3 * HOUR, 6 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY),
]
MONDAY = date(1969, 12, 29)
MONDAY_SHIFT = 3 * DAY  # It is so long before the epoch.
# A distance this much longer than those around it is a gap.
GAP_FACTOR = 2.5
_NEIGHBOURS = 5


@dataclass
class Series:
    """Columns of equal length. `time` is in Unix seconds; a gap is a time whose values are None.

    `step_s` is the buckets' width, and `time` their start. For raw readings it is None, and min and max are their
    value.
    """

    step_s: int | None
    time: list[float] = field(default_factory=list)
    mean: list[float | None] = field(default_factory=list)
    min: list[float | None] = field(default_factory=list)
    max: list[float | None] = field(default_factory=list)

    def append(self, at_ms: float, mean: float | None, low: float | None, high: float | None) -> None:
        self.time.append(at_ms / 1000)
        self.mean.append(mean)
        self.min.append(low)
        self.max.append(high)


Row = tuple[int, float, float, float]


def series(of: Field, start: datetime, end: datetime, points: int) -> Series:
    """Return at most `points` plausible readings, or as many buckets, and a None in each gap.

    Buckets are whole, also the first and the last, which the range may cut. Where a retention has removed readings
    of the range, they are no narrower than a quarter of an hour.
    """
    interval_ms = of.station.interval_s * 1000
    raw = Reading.objects.plausible([of]).between(start, end)
    is_kept = to_millis(start) >= raw_since_ms(of.station)
    if is_kept and not raw.are_more_than(points):
        return _with_gaps([(at, value, value, value) for at, value in raw.points()], None, interval_ms)
    step_ms = max(bucket_width_ms(start, end, points), SECOND if is_kept else QUARTER_MS)
    buckets = (_days if step_ms >= DAY else _equal)(of, start, end, step_ms)
    return _with_gaps([(at, each.mean, each.min, each.max) for at, each in buckets], step_ms, interval_ms)


Buckets = Iterator[tuple[int, Total]]  # by their starts in Unix milliseconds


def _equal(of: Field, start: datetime, end: datetime, step_ms: int) -> Buckets:
    """Yield buckets of one length: narrow ones from raw readings, the others from quarters."""
    rows: SummaryQuerySet[Any] = Quarter.objects.of(of) if step_ms >= QUARTER_MS else Reading.objects.plausible([of])
    span = Span(to_millis(start) // step_ms * step_ms, -(-to_millis(end) // step_ms) * step_ms)
    for first_ms, total in rows.within(span).buckets(step_ms):
        yield first_ms // step_ms * step_ms, total


def _days(of: Field, start: datetime, end: datetime, step_ms: int) -> Buckets:
    """Yield buckets of so many local days, those of weeks from a Monday on."""
    zone, days = of.station.zone, step_ms // DAY

    def begins(moment: datetime) -> date:
        day = moment.astimezone(zone).date()
        return day - (day - MONDAY) % timedelta(days=days)

    after = begins(end - timedelta(milliseconds=1)) + timedelta(days=days)
    span = Span(midnight_ms(begins(start), zone), midnight_ms(after, zone))
    # Half a day: what is a midnight falls into its own day whatever the clocks have been set to since.
    shift_ms = to_millis(end.astimezone(zone).replace(tzinfo=UTC)) - to_millis(end) + DAY // 2 + MONDAY_SHIFT
    for first_ms, total in Day.objects.of(of).within(span).buckets(step_ms, shift_ms):
        yield midnight_ms(begins(from_millis(first_ms)), zone), total


def bucket_width_ms(start: datetime, end: datetime, points: int) -> int:
    """Return the narrowest width of STEPS_MS, or multiple of the widest, that makes at most `points` buckets.

    One bucket less than `points` fits whole: the first and the last are cut by the range.
    """
    whole = max(1, points - 1)
    needed = (end - start) / timedelta(milliseconds=1) / whole
    needed_of_days = needed + LONGEST_DAY_MS / whole - DAY / whole  # As many fit if one of them is short.
    fitting = [step for step in STEPS_MS if step >= (needed if step < DAY else needed_of_days)]
    return fitting[0] if fitting else int(-(-needed_of_days // STEPS_MS[-1])) * STEPS_MS[-1]


def _with_gaps(rows: Sequence[Row], step_ms: int | None, interval_ms: int) -> Series:
    result = Series(step_s=step_ms // 1000 if step_ms else None)
    distances = [after[0] - before[0] for before, after in pairwise(rows)]
    shortest = GAP_FACTOR * max(interval_ms, step_ms or 0)
    for index, row in enumerate(rows):
        distance = distances[index - 1] if index else 0
        if distance > shortest and distance > GAP_FACTOR * usual_distance(distances, index - 1):
            result.append(row[0] - distance / 2, None, None, None)
        result.append(*row)
    return result


def usual_distance(distances: Sequence[int], index: int) -> float:
    """Return the median of a distance and up to five on either side.

    What is usual is local: a station that was imported by the hour reports by the minute from some day on.
    """
    return median(distances[max(0, index - _NEIGHBOURS) : index + _NEIGHBOURS + 1])
