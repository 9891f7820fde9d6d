"""What follows from new readings: the newest values of their fields, and the rollups."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import le

from freetemp.sql import execute_for_each
from readings.calendar.days import day_of
from readings.calendar.span import QUARTER_MS, Span, quarter_start_ms
from readings.ingest.rows import Rows, Series
from readings.models.counted import FieldKey, Rules, rules_of
from readings.models.direction import DirectionDay, DirectionQuarter, Vectors
from readings.models.rollup import RollupKey
from readings.models.summary import Total
from readings.rollups.addition import add_to_rollups
from readings.rollups.from_raw import direction_days, touched
from readings.rollups.locks import Fields, FieldState
from readings.rollups.rebuild import Divided, bring_up_to_date
from stations.quantities import WIND_DIRECTION, WIND_SPEED, Kind


def settle(fields: Fields, new: Iterable[Rows], stations: Mapping[int, Divided]) -> None:
    """Update the newest values and the rollups of the fields that have new readings.

    A late reading does not become the newest. An implausible one is in no rollup. One that is set aside is neither, and
    calibrations apply before anything else. `fields` are locked, and include each direction of the stations.
    """
    quarters: dict[RollupKey, Total] = {}
    directions: dict[RollupKey, Vectors] = {}
    counters: list[tuple[FieldState, Span]] = []
    for state, series in _counted(_by_field(fields, new)):
        state.keep(series.moments_ms[0], series.moments_ms[-1], series.values[-1])
        if state.kind is Kind.COUNTER:
            counters += _touched_by(state, series)
            continue
        for key, values in _by_quarter(state, series):
            quarters[key] = Total(len(values), sum(values), min(values), max(values))
            if state.quantity == WIND_DIRECTION:
                directions[key] = Vectors.of(values)
    add_to_rollups(quarters, {pk: each.zone for pk, each in stations.items()})
    for state, span in counters:
        bring_up_to_date(state, stations[state.station], touched(state, span))
    if any(state.quantity == WIND_DIRECTION for state in fields.values()):
        _add_directions(fields, quarters, directions, stations)
    _write_fields(each for each in fields.values() if each.changed)


def _by_field(fields: Fields, new: Iterable[Rows]) -> list[tuple[FieldState, Series]]:
    """Return the readings of each field, in the order in which they came."""
    found: dict[FieldKey, Series] = {}
    for rows in new:
        for number, more in rows.by_field():
            key = (rows.station, number)
            known = found.get(key)
            found[key] = Series(known.moments_ms + more.moments_ms, known.values + more.values) if known else more
    return [(fields[key], series) for key, series in found.items()]


def _counted(every: Sequence[tuple[FieldState, Series]]) -> Iterator[tuple[FieldState, Series]]:
    """Yield the fields with readings that count, in the order of their moments. In an ordinary field, all do."""
    treated = {(state.station, state.number): series for state, series in every if state.is_treated}
    moments = [moment_ms for series in treated.values() for moment_ms in series.moments_ms]
    rules = rules_of(treated.keys(), Span(min(moments), max(moments) + 1)) if moments else {}
    for state, series in every:
        of_field = rules.get((state.station, state.number))
        counted = _by_moment(series if of_field is None else _left(series, of_field))
        if counted.moments_ms:
            yield state, counted


def _left(series: Series, rules: Rules) -> Series:
    """Return the readings that are not set aside, calibrated."""
    left = Series([], [])
    for moment_ms, raw in zip(*series, strict=True):
        value = rules.value(moment_ms, raw)
        if value is not None:
            left.moments_ms.append(moment_ms)
            left.values.append(value)
    return left


def _by_moment(series: Series) -> Series:
    if all(map(le, series.moments_ms, series.moments_ms[1:])):
        return series
    return Series(*map(list, zip(*sorted(zip(*series, strict=True)), strict=True)))


def _by_quarter(state: FieldState, series: Series) -> Iterator[tuple[RollupKey, list[float]]]:
    """Yield the plausible values of each quarter that has some."""
    moments_ms, values = _plausible(state, series)
    first = 0
    while first < len(moments_ms):
        quarter_ms = quarter_start_ms(moments_ms[first] - state.lag_ms)
        after = bisect_left(moments_ms, quarter_ms + QUARTER_MS + state.lag_ms, first)
        yield (state.station, state.number, quarter_ms), values[first:after]
        first = after


def _plausible(state: FieldState, series: Series) -> Series:
    """Return the readings whose values are within the field's limits."""
    if state.is_plausible(min(series.values)) and state.is_plausible(max(series.values)):
        return series  # As nearly always.
    kept = [each for each in zip(*series, strict=True) if state.is_plausible(each[1])]
    return Series([moment_ms for moment_ms, _ in kept], [value for _, value in kept])


def _touched_by(counter: FieldState, series: Series) -> Iterator[tuple[FieldState, Span]]:
    """Yield a counter with the span of its plausible new readings, if there are any."""
    if found := _plausible(counter, series).moments_ms:
        yield counter, Span(found[0], found[-1] + 1)


def _add_directions(
    fields: Fields,
    quarters: Iterable[RollupKey],
    directions: Mapping[RollupKey, Vectors],
    stations: Mapping[int, Divided],
) -> None:
    """Add new directions to their quarters, and sum up the days of those that have new directions or wind speeds."""
    DirectionQuarter.objects.add(directions)
    days: dict[int, set[Span]] = {}
    for station, number, quarter_ms in quarters:
        if fields[station, number].quantity in (WIND_DIRECTION, WIND_SPEED):
            days.setdefault(station, set()).add(day_of(stations[station].zone, quarter_ms))
    for state in fields.values():
        if state.quantity == WIND_DIRECTION and state.station in days:
            DirectionDay.objects.replace(direction_days(state, sorted(days[state.station])))


def _write_fields(states: Iterable[FieldState]) -> None:
    execute_for_each(
        "UPDATE stations_field SET newest_at = %s, newest_value = %s, bucket_empty_at = %s, edition = %s WHERE id = %s",
        [(each.newest_ms or None, each.newest_value, each.empty_at_ms, each.next_edition, each.id) for each in states],
    )
