"""One field's history for a chart: raw readings if they fit, otherwise equal buckets, with gaps marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from operator import sub
from statistics import median
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.utils import timezone

from freetemp.fields import from_millis, to_millis
from readings.calendar.days import LONGEST_DAY_MS, midnight_ms, running_day
from readings.calendar.span import QUARTER_MS, Span
from readings.history.kept_rows import Rows
from readings.models import Day, Quarter, Reading
from readings.models.summary import Row, SummaryQuerySet
from stations.models import Field

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
# Bucket widths in milliseconds that are easy to name; each is a multiple of 15 minutes or divides them.
STEPS_MS = [
    *(SECOND, 5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 3 * HOUR, 6 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY),
]
# A longer range is drawn by day: summing up the quarters of 100 days takes SQLite 4 ms, as long as all the rest.
LONGEST_BY_QUARTERS_MS = 100 * DAY
MONDAY = date(1969, 12, 29)
MONDAY_SHIFT = 3 * DAY  # That long before the epoch was a Monday.
# A distance that is longer than those around it by this factor is a gap.
GAP_FACTOR = 2.5
_NEIGHBOURS = 5


@dataclass
class Series:
    """Columns of equal length. `time` is in Unix seconds; a gap is a time with None as its values.

    `step_s` is the buckets' width, and `time` their start. For raw readings, `step_s` is None, and min and max are the
    value itself.
    """

    kind: ClassVar[str] = "level"
    step_s: int | None
    time: list[float]
    mean: list[float | None]
    min: list[float | None]
    max: list[float | None]


def series(of: Field, start: datetime, end: datetime, points: int, now: datetime | None = None) -> Series:
    """Return at most `points` plausible readings or buckets, and a None in each gap.

    Means are over time, as docs/figures.md says. All buckets are whole, even if the range cuts the first or the last.
    If a retention has removed readings of the range, they are no narrower than a quarter of an hour.
    """
    interval_ms, span = of.station.interval_s * 1000, Span(to_millis(start), to_millis(end))
    is_kept = span.start_ms >= of.station.raw_since_ms
    if is_kept and not Reading.objects.has_more_than(points, of, span):
        return _series(Reading.objects.points(of, span), None, interval_ms)
    step_ms = max(bucket_width_ms(start, end, points), SECOND if is_kept else QUARTER_MS)
    rows = _days(of, span, step_ms, now or timezone.now()) if step_ms >= DAY else _equal(of, span, step_ms)
    return _series(rows, step_ms, interval_ms)


def _series(rows: Sequence[Row], step_ms: int | None, interval_ms: int) -> Series:
    times, *values = with_gaps(rows, step_ms, interval_ms)
    return Series(step_ms // 1000 if step_ms else None, [at / 1000 for at in times], *values)


def _equal(of: Field, asked: Span, step_ms: int) -> list[Row]:
    """Return buckets of one length: narrow ones from raw readings, the others from quarters.

    Their hours are those of the station's clock, which some zones set by half an hour or a quarter.
    """
    rows: SummaryQuerySet[Any] = Quarter.objects.all() if step_ms >= QUARTER_MS else Reading.objects.all()
    shift_ms = offset_ms(of.station.zone, asked.end_ms) % HOUR
    found = Rows(of, equal_span(asked, step_ms, shift_ms), 4, (step_ms, shift_ms))
    buckets = [] if found.is_complete else rows.buckets(of, found.left, step_ms, shift_ms)
    return found.with_read([(at - shift_ms, mean, low, high) for at, mean, low, high in buckets])


def equal_span(asked: Span, step_ms: int, shift_ms: int) -> Span:
    """Return the span of all multiples of a step, less a shift, that hold a part of another span."""
    first, after = (asked.start_ms + shift_ms) // step_ms, -(-(asked.end_ms + shift_ms) // step_ms)
    return Span(first * step_ms - shift_ms, after * step_ms - shift_ms)


def offset_ms(zone: ZoneInfo, moment_ms: int) -> int:
    """Return how far a zone's clock is ahead of UTC at a moment."""
    return to_millis(from_millis(moment_ms).astimezone(zone).replace(tzinfo=UTC)) - moment_ms


def _days(of: Field, asked: Span, step_ms: int, now: datetime) -> list[Row]:
    """Return buckets of several local days. Buckets of whole weeks begin on a Monday."""
    zone = of.station.zone
    span, _ = days_of(zone, asked, step_ms // DAY)
    if step_ms == DAY:
        found = Rows(of, span, 4, DAY)
        return found.with_read([] if found.is_complete else Day.objects.points(of, found.left))
    # Half a day keeps each midnight in its own day, however the clocks have been set since.
    shift_ms = offset_ms(zone, asked.end_ms) + DAY // 2 + MONDAY_SHIFT
    rows = Day.objects.buckets_of_days(of, span, step_ms, shift_ms, running_day(zone, now))
    return [(midnight_ms(MONDAY + timedelta(milliseconds=at), zone), mean, low, high) for at, mean, low, high in rows]


def days_of(zone: ZoneInfo, asked: Span, days: int) -> tuple[Span, Callable[[int], int]]:
    """Return the span of all buckets of so many local days that hold a part of another span, and what finds a bucket.

    It takes a moment and returns the start of its bucket, both in Unix milliseconds.
    """

    def begins(moment_ms: int) -> date:
        day = from_millis(moment_ms).astimezone(zone).date()
        return day - (day - MONDAY) % timedelta(days=days)

    after = begins(asked.end_ms - 1) + timedelta(days=days)
    span = Span(midnight_ms(begins(asked.start_ms), zone), midnight_ms(after, zone))
    return span, lambda moment_ms: midnight_ms(begins(moment_ms), zone)


def bucket_width_ms(start: datetime, end: datetime, points: int) -> int:
    """Return the narrowest width of STEPS_MS, or multiple of the widest, that needs at most `points` buckets.

    One bucket less than `points` fits as a whole: the range cuts the first and the last.
    """
    whole = max(1, points - 1)
    needed = (end - start) / timedelta(milliseconds=1) / whole
    needed_of_days = needed + LONGEST_DAY_MS / whole - DAY / whole  # They still fit if one of the days is short.
    fitting = [step for step in STEPS_MS if step >= (needed if step < DAY else needed_of_days)]
    if end - start > timedelta(milliseconds=LONGEST_BY_QUARTERS_MS):
        fitting = [step for step in fitting if not QUARTER_MS <= step < DAY]
    return fitting[0] if fitting else int(-(-needed_of_days // STEPS_MS[-1])) * STEPS_MS[-1]


def with_gaps(rows: Sequence[tuple[Any, ...]], step_ms: int | None, interval_ms: int) -> list[list[Any]]:
    """Return four columns of rows, of which the first holds moments in milliseconds, with a row of None in each gap."""
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)] or [[], [], [], []]
    distances = list(map(sub, columns[0][1:], columns[0]))
    shortest = GAP_FACTOR * max(interval_ms, step_ms or 0)
    if max(distances, default=0) <= shortest:
        return columns
    gaps = [
        index
        for index, distance in enumerate(distances)
        if distance > shortest and distance > GAP_FACTOR * usual_distance(distances, index)
    ]
    for index in reversed(gaps):
        for column, value in zip(columns, (rows[index][0] + distances[index] / 2, None, None, None), strict=True):
            column.insert(index + 1, value)
    return columns


def usual_distance(distances: Sequence[int], index: int) -> float:
    """Return the median of a distance and up to five distances on either side.

    The usual distance is local: a station with imported hourly readings reports by the minute from some day on.
    """
    return median(distances[max(0, index - _NEIGHBOURS) : index + _NEIGHBOURS + 1])
