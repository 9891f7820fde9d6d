"""Rollups rebuilt from their sources: quarters from raw readings, days from quarters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import pairwise
from math import inf, isclose
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from freetemp.fields import MILLISECOND, from_millis, now_millis
from freetemp.sql import execute_values
from readings.calendar.days import day_of, day_starts_ms
from readings.calendar.local_time import CLOCK_TOLERANCE
from readings.calendar.span import DAY_MS, EVER, HOUR_MS, QUARTER_MS, Span
from readings.models import Day, Quarter
from readings.models.counted import source, treated
from readings.models.day import DayTotal
from readings.models.rollup import Rollup, RollupKey
from readings.models.summary import Total
from readings.rollups.locks import FieldState, locked_fields
from stations.models import Field, Station

# Each chunk is one transaction, so that boards can report in between.
QUARTERS_A_CHUNK = 32 * 96  # With a reading a minute, 46,080 readings.
QUARTERS_OF_DAYS_A_CHUNK = 366 * 96
EXACT_TO = 1e-9

_QUARTERS = (
    f"SELECT measured_at - measured_at %% {QUARTER_MS}, count(*), sum(value), min(value), max(value)"  # noqa: S608 - our names
    " FROM {source} AS t"
    " WHERE station_id = %s AND field = %s AND measured_at >= %s AND measured_at < %s AND value >= %s AND value <= %s"
    " GROUP BY 1"
)
# The cross join makes SQLite walk the days and seek the quarters of each, not the other way round.
_DAYS = (
    "WITH day (first, after) AS (VALUES {{places}}), hour AS (SELECT day.first AS day, sum(count) AS n,"  # noqa: S608
    ' sum("sum") AS added, min("min") AS low, max("max") AS high, avg("sum" / count) AS mean'
    " FROM day CROSS JOIN readings_quarter WHERE station_id = {station} AND field = {field}"
    f" AND start >= day.first AND start < day.after GROUP BY day.first, (start - day.first) / {HOUR_MS})"
    " SELECT day, sum(n), sum(added), min(low), max(high), count(*), sum(mean) FROM hour GROUP BY 1"
)


class GoneError(ValueError):
    """Raw readings that a retention has removed cannot be changed."""


class Difference(NamedTuple):
    """A rollup that did not match its sources. None means that there was no rollup, or should be none."""

    rollup: type[Rollup]
    key: RollupKey
    stored: Total | DayTotal | None
    right: Total | DayTotal | None

    def __str__(self) -> str:
        station, field, start_ms = self.key
        name = f"station {station} field {field} {self.rollup._meta.model_name} {from_millis(start_ms):%Y-%m-%dT%H:%MZ}"
        return f"{name}: stored {_words(self.stored)}, right {_words(self.right)}"


def _words(total: Total | DayTotal | None) -> str:
    if total is None:
        return "none"
    of_hours = f", {total.hours} hours, their means' sum {total.hour_sum!r}" if isinstance(total, DayTotal) else ""
    return f"{total.n} readings, sum {total.sum!r}, {total.min!r} to {total.max!r}{of_hours}"


def rebuild(
    station: Station,
    numbers: Collection[int] | None = None,
    span: Span = EVER,
    *,
    only_days: bool = False,
    mend: bool = True,
    progress: Callable[[float], Any] = lambda part: None,
) -> list[Difference]:
    """Compare the rollups of a station's fields with their sources, write the right ones, return the differences.

    Quarters come from raw readings, and stay unchanged if a retention has removed those. Days come from quarters.
    Without `mend` nothing is written. `progress` gets each chunk's share of the work.
    """
    if numbers is None:
        numbers = list(station.fields.values_list("number", flat=True))
    differences: list[Difference] = []
    checks = [_check_days] if only_days else [_check_quarters, _check_days]
    for number in numbers:
        for check in checks:
            chunks = list(_chunks(station, number, span, check)) or [Span(0, 0)]
            for chunk in chunks:
                differences += _run(check, station, number, chunk, mend)
                progress(1 / (len(chunks) * len(checks) * len(numbers)))
    return differences


_Check = Callable[[FieldState, Station, Span], list[Difference]]


def _run(check: _Check, station: Station, number: int, chunk: Span, mend: bool) -> list[Difference]:
    with transaction.atomic():
        field = locked_fields({station.pk}).get((station.pk, number))  # Storing readings takes this lock first, too.
        present = Station.objects.get(pk=station.pk)  # Its zone and retention as the lock keeps them.
        differences = check(field, present, chunk) if field else []
        if mend and differences:
            right = {each.key: each.right for each in differences if each.right}
            gone = [each.key for each in differences if each.right is None]
            differences[0].rollup.rows().replace(right, gone)
    return differences


def _check_quarters(field: FieldState, station: Station, chunk: Span) -> list[Difference]:
    start_ms = max(chunk.start_ms, station.raw_since_ms)
    if start_ms >= chunk.end_ms:
        return []
    limits = [-inf if field.smallest is None else field.smallest, inf if field.largest is None else field.largest]
    with connection.cursor() as cursor:
        counted = source(field.station, treated([field]), Span(start_ms, chunk.end_ms))
        cursor.execute(_QUARTERS.format(source=counted), [field.station, field.number, start_ms, chunk.end_ms, *limits])
        right = {(field.station, field.number, row[0]): Total(*row[1:]) for row in cursor.fetchall()}
    return _differences(Quarter, field, Span(start_ms, chunk.end_ms), right)


def _check_days(field: FieldState, station: Station, chunk: Span) -> list[Difference]:
    """Compare the days that overlap a chunk."""
    if chunk.start_ms == chunk.end_ms:
        return []
    starts = list(day_starts_ms(station.zone, chunk))
    statement = _DAYS.format(station=field.station, field=field.number)
    rows = execute_values(statement, list(pairwise(starts))).returned
    right = {(field.station, field.number, start): DayTotal(int(n), *rest) for start, n, *rest in rows}
    return _differences(Day, field, Span(starts[0], starts[-1]), right)


def _differences(
    rollup: type[Rollup], field: FieldState, span: Span, right: Mapping[RollupKey, Total | DayTotal]
) -> list[Difference]:
    stored = rollup.rows().by_start(field.station, field.number, span)
    return [
        Difference(rollup, key, stored.get(key), right.get(key))
        for key in sorted(stored.keys() | right.keys())
        if not _same(stored.get(key), right.get(key))
    ]


def _same(stored: Total | DayTotal | None, right: Total | DayTotal | None) -> bool:
    if stored is None or right is None:
        return stored is right
    close = _close(stored.sum, right.sum, right.n, right)
    if isinstance(stored, DayTotal) and isinstance(right, DayTotal):
        of_hours = _close(stored.hour_sum, right.hour_sum, right.hours, right)
        close = close and of_hours and stored.hours == right.hours
    return close and (stored.n, stored.min, stored.max) == (right.n, right.min, right.max)


def _close(stored: float, right: float, count: int, total: Total | DayTotal) -> bool:
    """Tell whether two sums are the same but for rounding.

    Values around zero may cancel out: the tolerance depends on what was added, not on the sum.
    """
    added = count * max(abs(total.min), abs(total.max))
    return isclose(stored, right, rel_tol=EXACT_TO, abs_tol=EXACT_TO * added)


def _chunks(station: Station, number: int, span: Span, check: _Check) -> Iterator[Span]:
    """Yield chunks of quarters, or of whole days, that together hold everything of a field within a span."""
    known = _known(station.pk, number)
    if known is None:
        return
    length_ms = QUARTER_MS * (QUARTERS_OF_DAYS_A_CHUNK if check is _check_days else QUARTERS_A_CHUNK)
    start_ms, end_ms = Span(max(span.start_ms, known.start_ms), min(span.end_ms, known.end_ms)).whole_quarters()
    while start_ms < end_ms:
        after_ms = min(start_ms + length_ms, end_ms)
        if check is _check_days:
            after_ms = _day_end_ms(station.zone, after_ms)
        yield Span(start_ms, after_ms)
        start_ms = after_ms


def _day_end_ms(zone: ZoneInfo, after_ms: int) -> int:
    """Return the end of the day just before a moment, so that no day is examined twice."""
    return day_of(zone, after_ms - QUARTER_MS).end_ms


def _known(station: int, number: int) -> Span | None:
    """Return the span in which a field has readings or rollups."""
    edges: list[int] = []
    with connection.cursor() as cursor:
        for table, column in (("reading", "measured_at"), ("quarter", "start"), ("day", "start")):
            for aggregate in ("min", "max"):
                cursor.execute(
                    f"SELECT {aggregate}({column}) FROM readings_{table} WHERE station_id = %s AND field = %s",  # noqa: S608 - our names
                    [station, number],
                )
                edges += [each for (each,) in cursor.fetchall() if each is not None]
    # A day's last readings may have been removed: its rollup reaches beyond all that is left.
    return Span(min(edges), max(edges) + 2 * DAY_MS) if edges else None


def newest(station: int, number: int, until_ms: int = EVER.end_ms) -> tuple[int, float] | None:
    """Return a field's newest reading that counts, up to a moment, as (Unix milliseconds, value).

    If a retention has removed them all, return its newest quarter's start and mean.
    """
    is_treated = Field.objects.filter(station=station, number=number, is_treated=True).exists()
    counted = source(station, [number] if is_treated else [])
    # Quarters of readings that were set aside a moment ago may still be there.
    gone = "AND start < coalesce((SELECT raw_since FROM stations_station WHERE id = station_id), 0)"
    for statement in (
        f"SELECT measured_at, value FROM {counted} AS t"  # noqa: S608 - our names
        " WHERE station_id = %s AND field = %s AND measured_at <= %s"
        " ORDER BY measured_at DESC LIMIT 1",
        'SELECT start, "sum" / count FROM readings_quarter'  # noqa: S608 - our names
        " WHERE station_id = %s AND field = %s AND start <= %s"
        f" {gone if is_treated else ''} ORDER BY start DESC LIMIT 1",
    ):
        with connection.cursor() as cursor:
            cursor.execute(statement, [station, number, until_ms])
            if row := cursor.fetchone():
                return row[0], row[1]
    return None


def follow(station: Station, number: int, span: Span) -> None:
    """Bring a field's rollups and newest value in line with a span's raw readings after a change or removal."""
    rebuild(station, [number], span.whole_quarters())
    until_ms = now_millis() + CLOCK_TOLERANCE // MILLISECOND  # A clock that was ahead may have stored later ones.
    moment_ms, value = newest(station.pk, number, until_ms) or (None, None)
    Field.objects.filter(station=station, number=number).update(newest_at=moment_ms, newest_value=value)
