"""How far a field is from another one: quarter of an hour by quarter, where both have readings."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from statistics import fmean
from zoneinfo import ZoneInfo

from freetemp.fields import to_millis
from freetemp.sql import execute
from readings.calendar.days import day_starts_ms
from readings.calendar.span import HOUR_MS, QUARTER_MS, Span
from readings.history.series import DAY, STEPS_MS, Series, bucket_width_ms, days_of, equal_span, offset_ms, with_gaps
from readings.models import Reading
from readings.models.summary import Row
from stations.models import Field
from stations.units import Conversion, conversion

SAME = Conversion(1.0, 0.0)
# Two boards do not report at one moment: a bucket this many intervals long has a reading of each.
INTERVALS_A_BUCKET = 2
OFTEN_MS = 30 * DAY  # No summer time is shorter.

_BOTH = (
    "SELECT a.start AS start, a.sum / a.count AS mean, b.sum / b.count AS other"
    " FROM readings_quarter a JOIN readings_quarter b ON b.start = a.start"
    " WHERE a.station_id = %s AND a.field = %s AND b.station_id = %s AND b.field = %s"
    " AND a.start >= %s AND a.start < %s"
)
_APART = "mean - (other * CAST(%s AS double precision) + CAST(%s AS double precision))"


def in_unit_of(of: Field, other: Field) -> Conversion | None:
    """Return how the other field's values become values in this one's unit, or None if they cannot be subtracted."""
    if not (of.kind.is_averaged and other.kind.is_averaged):
        return None
    return SAME if other.unit == of.unit else conversion(other.unit, of.unit)


def difference(of: Field, other: Field, start: datetime, end: datetime, points: int) -> Series:
    """Return a field's difference from another, in its unit, as at most `points` buckets. Raise ValueError without one.

    A bucket has the mean of its quarters' differences, with the smallest and the largest of them: only quarters in
    which both fields have readings count. A day's mean is that of its hours, and longer buckets' that of their days,
    by the clock of the other field's station. Buckets narrower than a quarter are of raw readings.
    """
    to = in_unit_of(of, other)
    if to is None:
        raise ValueError(f"{other} cannot be subtracted from {of}")
    intervals_ms = [each.station.interval_s * 1000 for each in (of, other)]
    span, zone = Span(to_millis(start), to_millis(end)), other.station.zone
    is_kept = span.start_ms >= max(each.station.raw_since_ms for each in (of, other))
    least_ms = _widest_first(INTERVALS_A_BUCKET * max(intervals_ms)) if is_kept else QUARTER_MS
    step_ms = max(bucket_width_ms(start, end, points), least_ms)
    rows = _rows(of, other, to, span, step_ms, zone)
    times, *values = with_gaps(rows, step_ms, max(intervals_ms))
    return Series(step_ms // 1000, [at / 1000 for at in times], *values)


def pairs(of: Field, other: Field, span: Span) -> list[tuple[int, float, float]]:
    """Return (start in Unix milliseconds, mean, other's mean) of each quarter that has readings of both, in order.

    Each mean is in its own field's unit.
    """
    return execute(f"{_BOTH} ORDER BY 1", _of_both(of, other, span)).returned


def _of_both(of: Field, other: Field, span: Span) -> list[int]:
    return [of.station_id, of.number, other.station_id, other.number, *span]


def _widest_first(least_ms: float) -> int:
    """Return the narrowest of the usual widths that is no narrower than this."""
    return next((step for step in STEPS_MS if step >= least_ms), STEPS_MS[-1])


def _rows(of: Field, other: Field, to: Conversion, span: Span, step_ms: int, zone: ZoneInfo) -> list[Row]:
    if step_ms < QUARTER_MS:
        return _raw(of, other, to, equal_span(span, step_ms, 0), step_ms)
    shift_ms = offset_ms(zone, span.end_ms) % HOUR_MS
    if step_ms < DAY:
        return _buckets(of, other, to, equal_span(span, step_ms, shift_ms), step_ms, shift_ms)
    days, first_of = days_of(zone, span, step_ms // DAY)
    width_ms, shift_ms = parts_of_days(zone, days)
    daily = by_days(_buckets(of, other, to, days, width_ms, shift_ms), zone, days)
    return daily if step_ms == DAY else _merged(daily, first_of)


def _raw(of: Field, other: Field, to: Conversion, span: Span, step_ms: int) -> list[Row]:
    beside = {at: mean for at, mean, *_ in Reading.objects.buckets(other, span, step_ms)}
    own = [(at, mean) for at, mean, *_ in Reading.objects.buckets(of, span, step_ms) if at in beside]
    apart = [(at, mean - (beside[at] * to.scale + to.offset)) for at, mean in own]
    return [(at, value, value, value) for at, value in apart]


def _buckets(of: Field, other: Field, to: Conversion, span: Span, step_ms: int, shift_ms: int) -> list[Row]:
    statement = (
        f"SELECT (start + %s) / %s * %s - %s, avg(apart), min(apart), max(apart)"  # noqa: S608 - our names
        f" FROM (SELECT start, {_APART} AS apart FROM ({_BOTH}) AS both_have) AS apart_by GROUP BY 1 ORDER BY 1"
    )
    shifts = [shift_ms, step_ms, step_ms, shift_ms]
    return execute(statement, [*shifts, to.scale, to.offset, *_of_both(of, other, span)]).returned


def parts_of_days(zone: ZoneInfo, span: Span) -> tuple[int, int]:
    """Return the width and the shift of buckets of which none is in two days: hours of the zone's clock.

    Where the clocks are set by half an hour, as on Lord Howe Island, they are quarters.
    """
    moments = [*range(span.start_ms, span.end_ms, OFTEN_MS), span.end_ms]
    shifts = {offset_ms(zone, moment_ms) % HOUR_MS for moment_ms in moments}
    return (HOUR_MS, shifts.pop()) if len(shifts) == 1 else (QUARTER_MS, 0)


def by_days(parts: Iterable[Row], zone: ZoneInfo, span: Span) -> list[Row]:
    """Return the local days of parts_of_days(). In a day each hour counts alike."""
    day_of = _starts(day_starts_ms(zone, span))
    hours = _merged(parts, lambda moment_ms: moment_ms - (moment_ms - day_of(moment_ms)) % HOUR_MS)
    return _merged(hours, day_of)


def _starts(starts: Iterable[int]) -> Callable[[int], int]:
    """Return a function that returns the last of some moments that is not after its own."""
    known: Sequence[int] = list(starts)
    return lambda moment_ms: known[max(bisect_right(known, moment_ms) - 1, 0)]


def _merged(rows: Iterable[Row], start_of: Callable[[int], int]) -> list[Row]:
    together: dict[int, list[Row]] = {}
    for row in rows:
        together.setdefault(start_of(row[0]), []).append(row)
    return [
        (at, fmean(row[1] for row in each), min(row[2] for row in each), max(row[3] for row in each))
        for at, each in together.items()
    ]
