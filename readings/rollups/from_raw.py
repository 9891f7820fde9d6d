"""The right rollups of a field, made from their sources: quarters from raw readings, days from quarters.

How readings are summed up depends on the kind of their quantity (docs/quantities.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import Any

from freetemp.sql import Row, execute, execute_values
from readings.calendar.span import HOUR_MS, QUARTER_MS, Span, quarter_start_ms
from readings.models.counted import source, treated
from readings.models.day import DayTotal
from readings.models.direction import WEIGHTED, Vectors, WeightedVectors, with_speed
from readings.models.rollup import RollupKey
from readings.models.summary import Total, limits_of
from readings.rollups.counters import Counter
from readings.rollups.locks import FieldState
from stations.quantities import Kind

# Readings within the field's plausible limits.
_THAT_COUNT = "FROM {source} AS t WHERE station_id = %s AND field = %s AND value >= %s AND value <= %s"
_QUARTERS = (
    f"SELECT measured_at - %s - (measured_at - %s) %% {QUARTER_MS}, count(*), sum(value), min(value), max(value)"
    f" {_THAT_COUNT} AND measured_at >= %s AND measured_at < %s GROUP BY 1"
)
_READINGS = f"SELECT measured_at, value {_THAT_COUNT} AND measured_at >= %s AND measured_at < %s ORDER BY measured_at"
_LAST_BEFORE = f"SELECT measured_at, value {_THAT_COUNT} AND measured_at < %s ORDER BY measured_at DESC LIMIT 1"
_FIRST_FROM = f"SELECT measured_at {_THAT_COUNT} AND measured_at >= %s ORDER BY measured_at LIMIT 1"
_REPLACED = "SELECT start FROM readings_sensor WHERE station_id = %s AND field = %s AND state = 'active' ORDER BY start"
# The cross join makes SQLite walk the days and seek the quarters of each, not the other way round.
_DAYS = (
    "WITH day (first, after) AS (VALUES {{places}}), hour AS (SELECT day.first AS day, sum(count) AS n,"  # noqa: S608
    ' sum("sum") AS added, min("min") AS low, max("max") AS high, avg("sum" / count) AS mean'
    " FROM day CROSS JOIN readings_quarter WHERE station_id = {station} AND field = {field}"
    f" AND start >= day.first AND start < day.after GROUP BY day.first, (start - day.first) / {HOUR_MS})"
    " SELECT day, sum(n), sum(added), min(low), max(high), count(*), sum(mean) FROM hour GROUP BY 1"
)
_DIRECTION_DAYS = (
    f"WITH day (first, after) AS (VALUES {{{{places}}}}) SELECT day.first, {WEIGHTED} FROM day CROSS JOIN {{quarters}}"  # noqa: S608
    " WHERE d.station_id = {station} AND d.field = {field} AND d.start >= day.first AND d.start < day.after GROUP BY 1"
)


def quarters(field: FieldState, span: Span) -> dict[RollupKey, Total]:
    """Return the totals of whole quarters. Those of a counter are totals of what its readings added."""
    rows: Iterable[Row]
    if field.kind is Kind.COUNTER:
        rows = _added(field, span)
    else:
        lag, span = field.lag_ms, span.later(field.lag_ms)
        statement = _QUARTERS.format(source=source(field.station, treated([field]), span))
        rows = execute(statement, [lag, lag, *_plausible(field), *span]).returned
    return {(field.station, field.number, start_ms): Total(*total) for start_ms, *total in rows}


def direction_quarters(field: FieldState, span: Span) -> dict[RollupKey, Vectors]:
    """Return the vectors of whole quarters, none for a field that is no direction."""
    if field.kind is not Kind.DIRECTION:
        return {}
    return {
        (field.station, field.number, start_ms): Vectors.of([value for _, value in of_quarter])
        for start_ms, of_quarter in groupby(_readings(field, span), key=lambda each: quarter_start_ms(each[0]))
    }


def days(field: FieldState, starts: Sequence[int]) -> dict[RollupKey, DayTotal]:
    """Return the totals of days, by their starts and the end of the last."""
    statement = _DAYS.format(station=field.station, field=field.number)
    rows = execute_values(statement, list(pairwise(starts))).returned
    return {(field.station, field.number, start): DayTotal(int(n), *rest) for start, n, *rest in rows}


def direction_days(field: FieldState, spans: Sequence[tuple[int, int]]) -> dict[RollupKey, WeightedVectors]:
    """Return the vectors of days, by their starts and ends, none for a field that is no direction."""
    if field.kind is not Kind.DIRECTION:
        return {}
    found = with_speed(field.station)
    statement = _DIRECTION_DAYS.format(station=field.station, field=field.number, quarters=found)
    rows = execute_values(statement, spans).returned
    return {(field.station, field.number, start): WeightedVectors(*vectors) for start, *vectors in rows}


def touched(field: FieldState, span: Span) -> Span:
    """Return the whole quarters whose totals depend on readings of a span.

    A counter's next reading counts from the one before it, so its quarter depends on them too.
    """
    if field.kind is Kind.COUNTER and (found := _found(_FIRST_FROM, field, span.end_ms)):
        span = span._replace(end_ms=found[0][0] + 1)
    return span.later(-field.lag_ms).whole_quarters()


def last_before(field: FieldState, moment_ms: int) -> tuple[int, float] | None:
    """Return a field's last plausible reading before a moment, from which a counter's next one counts."""
    found = _found(_LAST_BEFORE, field, moment_ms)
    return found[0] if found else None


def _added(field: FieldState, span: Span) -> Iterator[Row]:
    """Yield the totals of what a counter's readings added, by quarters. The very first reading adds nothing."""
    span = span.later(field.lag_ms)
    readings = _readings(field, span)
    before = last_before(field, span.start_ms)
    every = [*([before] if before else readings[:1]), *readings]
    replaced = [start_ms for (start_ms,) in execute(_REPLACED, [field.station, field.number]).returned]
    added = Counter(field.unit, field.rolls_over_at).increments(every, replaced)
    for quarter_ms, of_quarter in groupby(added, key=lambda each: quarter_start_ms(each[0] - field.lag_ms)):
        amounts = [amount for _, amount in of_quarter]
        yield quarter_ms, len(amounts), sum(amounts), min(amounts), max(amounts)


def _readings(field: FieldState, span: Span) -> list[Any]:
    statement = _READINGS.format(source=source(field.station, treated([field]), span))
    return execute(statement, [*_plausible(field), *span]).returned


def _found(statement: str, field: FieldState, moment_ms: int) -> list[Any]:
    found = statement.format(source=source(field.station, treated([field])))
    return execute(found, [*_plausible(field), moment_ms]).returned


def _plausible(field: FieldState) -> tuple[int, int, float, float]:
    return field.station, field.number, *limits_of(field)
