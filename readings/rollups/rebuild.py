"""Rollups rebuilt from their sources: quarters from raw readings, days from quarters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from math import isclose
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from freetemp.fields import MILLISECOND, from_millis, now_millis
from readings.calendar.days import day_of, day_starts_ms
from readings.calendar.local_time import CLOCK_TOLERANCE
from readings.calendar.span import DAY_MS, EVER, QUARTER_MS, Span
from readings.models import Day, Quarter
from readings.models.counted import source
from readings.models.day import DayTotal
from readings.models.direction import DirectionDay, DirectionQuarter, Vectors, WeightedVectors
from readings.models.rollup import Rollup, RollupKey
from readings.models.summary import Total
from readings.rollups import from_raw
from readings.rollups.locks import FieldState, locked_fields, renew_editions
from stations.models import Field, Station
from stations.models.field import new_edition
from stations.quantities import WIND_DIRECTION, WIND_SPEED

# Each chunk is one transaction, so that boards can report in between.
QUARTERS_A_CHUNK = 32 * 96  # With a reading a minute, 46,080 readings.
QUARTERS_OF_DAYS_A_CHUNK = 366 * 96
EXACT_TO = 1e-9


class GoneError(ValueError):
    """Raw readings that a retention has removed cannot be changed."""


Summary = Total | DayTotal | Vectors | WeightedVectors


class Difference(NamedTuple):
    """A rollup that did not match its sources. None means that there was no rollup, or should be none."""

    rollup: type[Rollup]
    key: RollupKey
    stored: Summary | None
    right: Summary | None

    def __str__(self) -> str:
        station, field, start_ms = self.key
        name = f"station {station} field {field} {self.rollup._meta.model_name} {from_millis(start_ms):%Y-%m-%dT%H:%MZ}"
        return f"{name}: stored {_words(self.stored)}, right {_words(self.right)}"


def _words(summary: Summary | None) -> str:
    if summary is None:
        return "none"
    if isinstance(summary, Vectors | WeightedVectors):
        return ", ".join(f"{name} {value!r}" for name, value in summary._asdict().items())
    of_hours = ""
    if isinstance(summary, DayTotal):
        of_hours = f", {summary.hours} hours, their means' sum {summary.hour_sum!r}"
    return f"{summary.n} readings, sum {summary.sum!r}, {summary.min!r} to {summary.max!r}{of_hours}"


class Divided(Protocol):
    """How a station's time is divided: the zone of its days, and the moment since which it has raw readings."""

    @property
    def zone(self) -> ZoneInfo: ...

    @property
    def raw_since_ms(self) -> int: ...


_Check = Callable[[FieldState, Divided, Span], list[Difference]]


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
    differences: list[Difference] = []
    tasks = list(_tasks(station, numbers, OF_DAYS if only_days else CHECKS))
    for field, check in tasks:
        chunks = list(_chunks(station, field, span, check)) or [Span(0, 0)]
        for chunk in chunks:
            differences += _run(check, station, field.number, chunk, mend)
            progress(1 / (len(chunks) * len(tasks)))
    return differences


def _tasks(
    station: Station, numbers: Collection[int] | None, checks: Sequence[_Check]
) -> Iterator[tuple[Field, _Check]]:
    """Yield what has to be compared. The days of a direction follow the wind speed's quarters, so they come later."""
    fields = list(station.fields.all())
    asked = [field for field in fields if numbers is None or field.number in numbers]
    asked.sort(key=lambda field: field.quantity != WIND_SPEED)
    directions = [field for field in fields if field.quantity == WIND_DIRECTION]
    for field in asked:
        is_or_was_one = field in directions or DirectionQuarter.objects.of(field).exists()
        yield from ((field, check) for check in checks if check in OF_ALL or is_or_was_one)
    if any(field.quantity == WIND_SPEED for field in asked):
        yield from ((field, _check_direction_days) for field in directions if field not in asked)


def bring_up_to_date(counter: FieldState, station: Divided, span: Span) -> None:
    """Make a counter's quarters of a span, and their days, anew. Call it with the field locked."""
    for check in OF_ALL:
        _mended(check(counter, station, span))


def _run(check: _Check, station: Station, number: int, chunk: Span, mend: bool) -> list[Difference]:
    with transaction.atomic():
        field = locked_fields({station.pk}).get((station.pk, number))  # Storing readings takes this lock first, too.
        present = Station.objects.get(pk=station.pk)  # Its zone and retention as the lock keeps them.
        differences = check(field, present, chunk) if field else []
        if differences and mend:
            _mended(differences)
            renew_editions(station.pk, [number])
        return differences


def _mended(differences: list[Difference]) -> list[Difference]:
    if differences:
        right = {each.key: each.right for each in differences if each.right}
        gone = [each.key for each in differences if each.right is None]
        differences[0].rollup.rows().replace(right, gone)
    return differences


def _check_quarters(field: FieldState, station: Divided, chunk: Span) -> list[Difference]:
    kept = _kept(station, chunk)
    return _differences(Quarter, field, kept, from_raw.quarters(field, kept)) if kept else []


def _check_direction_quarters(field: FieldState, station: Divided, chunk: Span) -> list[Difference]:
    kept = _kept(station, chunk)
    return _differences(DirectionQuarter, field, kept, from_raw.direction_quarters(field, kept)) if kept else []


def _check_days(field: FieldState, station: Divided, chunk: Span) -> list[Difference]:
    """Compare the days that overlap a chunk."""
    if chunk.start_ms == chunk.end_ms:
        return []
    starts = list(day_starts_ms(station.zone, chunk))
    return _differences(Day, field, Span(starts[0], starts[-1]), from_raw.days(field, starts))


def _check_direction_days(field: FieldState, station: Divided, chunk: Span) -> list[Difference]:
    if chunk.start_ms == chunk.end_ms:
        return []
    starts = list(day_starts_ms(station.zone, chunk))
    right = from_raw.direction_days(field, list(pairwise(starts)))
    return _differences(DirectionDay, field, Span(starts[0], starts[-1]), right)


OF_ALL = (_check_quarters, _check_days)
OF_DAYS = (_check_days, _check_direction_days)
CHECKS = (_check_quarters, _check_direction_quarters, *OF_DAYS)


def _kept(station: Divided, chunk: Span) -> Span | None:
    """Return the part of a chunk whose raw readings are kept."""
    start_ms = max(chunk.start_ms, station.raw_since_ms)
    return Span(start_ms, chunk.end_ms) if start_ms < chunk.end_ms else None


def _differences(
    rollup: type[Rollup], field: FieldState, span: Span, right: Mapping[RollupKey, Summary]
) -> list[Difference]:
    stored = rollup.rows().by_start(field.station, field.number, span)
    return [
        Difference(rollup, key, stored.get(key), right.get(key))
        for key in sorted(stored.keys() | right.keys())
        if not _same(stored.get(key), right.get(key))
    ]


def _same(stored: Summary | None, right: Summary | None) -> bool:
    if stored is None or right is None:
        return stored is right
    if isinstance(right, Vectors | WeightedVectors):
        return stored.n == right.n and all(map(_close_vectors, stored, right))
    if not isinstance(stored, Total | DayTotal):
        return False
    close = _close(stored.sum, right.sum, right.n, right)
    if isinstance(stored, DayTotal) and isinstance(right, DayTotal):
        of_hours = _close(stored.hour_sum, right.hour_sum, right.hours, right)
        close = close and of_hours and stored.hours == right.hours
    return close and (stored.n, stored.min, stored.max) == (right.n, right.min, right.max)


def _close_vectors(stored: float, right: float) -> bool:
    return isclose(stored, right, rel_tol=EXACT_TO, abs_tol=EXACT_TO)


def _close(stored: float, right: float, count: int, total: Total | DayTotal) -> bool:
    """Tell whether two sums are the same but for rounding.

    Values around zero may cancel out: the tolerance depends on what was added, not on the sum.
    """
    added = count * max(abs(total.min), abs(total.max))
    return isclose(stored, right, rel_tol=EXACT_TO, abs_tol=EXACT_TO * added)


def _chunks(station: Station, field: Field, span: Span, check: _Check) -> Iterator[Span]:
    """Yield chunks of quarters, or of whole days, that together hold everything of a field within a span."""
    known = known_span(station.pk, field.number)
    if known is None:
        return
    known = Span(known.start_ms - field.kind.belongs_before, known.end_ms)
    length_ms = QUARTER_MS * (QUARTERS_OF_DAYS_A_CHUNK if check in OF_DAYS else QUARTERS_A_CHUNK)
    start_ms, end_ms = Span(max(span.start_ms, known.start_ms), min(span.end_ms, known.end_ms)).whole_quarters()
    while start_ms < end_ms:
        after_ms = min(start_ms + length_ms, end_ms)
        if check in OF_DAYS:
            after_ms = _day_end_ms(station.zone, after_ms)
        yield Span(start_ms, after_ms)
        start_ms = after_ms


def _day_end_ms(zone: ZoneInfo, after_ms: int) -> int:
    """Return the end of the day just before a moment, so that no day is examined twice."""
    return day_of(zone, after_ms - QUARTER_MS).end_ms


def known_span(station: int, number: int) -> Span | None:
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
    if state := locked_fields({station.pk}, {number}).get((station.pk, number)):
        rebuild(station, [number], from_raw.touched(state, span))
    renew_newest(station.pk, number)


def renew_newest(station: int, number: int) -> None:
    """Write onto a field what its newest reading is that counts, and that others have changed."""
    until_ms = now_millis() + CLOCK_TOLERANCE // MILLISECOND  # A clock that was ahead may have stored later ones.
    moment_ms, value = newest(station, number, until_ms) or (None, None)
    of_field = Field.objects.filter(station=station, number=number)
    of_field.update(newest_at=moment_ms, newest_value=value, edition=new_edition())
