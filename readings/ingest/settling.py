"""What follows from new readings: the newest values of their fields, and the rollups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from freetemp.sql import execute_for_each
from readings.calendar.days import day_of
from readings.calendar.span import Span, quarter_start_ms
from readings.ingest.insert import RowKey
from readings.models.counted import rules_of
from readings.models.direction import DirectionDay, DirectionQuarter, Vectors
from readings.models.rollup import RollupKey
from readings.models.summary import Total
from readings.rollups.addition import add_to_rollups
from readings.rollups.from_raw import direction_days, touched
from readings.rollups.locks import Fields, FieldState
from readings.rollups.rebuild import Divided, bring_up_to_date
from stations.quantities import WIND_DIRECTION, WIND_SPEED, Kind

FieldKey = tuple[int, int]  # station, number


def settle(fields: Fields, stored: Mapping[RowKey, float], stations: Mapping[int, Divided]) -> None:
    """Update the newest values and the rollups of the fields that have new readings.

    A late reading does not become the newest. An implausible one is in no rollup. One that is set aside is neither, and
    calibrations apply before anything else. `fields` are locked, and include each direction of the stations.
    """
    stored = _counted(fields, stored)
    values: dict[RollupKey, list[float]] = {}
    counted: dict[FieldKey, list[int]] = {}
    for (station, number, moment_ms), value in stored.items():
        state = fields[station, number]
        if moment_ms > state.newest_ms:
            state.newest_ms, state.newest_value, state.changed = moment_ms, value, True
        else:
            state.has_late = state.changed = True
        if not state.is_plausible(value):
            continue
        if state.kind is Kind.COUNTER:
            counted.setdefault((station, number), []).append(moment_ms)
        else:
            quarter_ms = quarter_start_ms(moment_ms - state.lag_ms)
            values.setdefault((station, number, quarter_ms), []).append(value)
    quarters = {quarter: Total(len(each), sum(each), min(each), max(each)) for quarter, each in values.items()}
    add_to_rollups(quarters, {pk: each.zone for pk, each in stations.items()})
    for key, moments_ms in counted.items():
        span = touched(fields[key], Span(min(moments_ms), max(moments_ms) + 1))
        bring_up_to_date(fields[key], stations[key[0]], span)
    if any(state.quantity == WIND_DIRECTION for state in fields.values()):
        _add_directions(fields, values, stations)
    _write_fields(each for each in fields.values() if each.changed)


def _counted(fields: Fields, stored: Mapping[RowKey, float]) -> Mapping[RowKey, float]:
    """Return the new readings that count. In ordinary fields, all do."""
    keys = {key for key, state in fields.items() if state.is_treated}
    moments = [moment_ms for *key, moment_ms in stored if tuple(key) in keys] if keys else []
    if not moments:
        return stored
    rules = rules_of(keys, Span(min(moments), max(moments) + 1))
    values = {row: rules[row[:2]].value(row[2], value) if row[:2] in rules else value for row, value in stored.items()}
    return {row: value for row, value in values.items() if value is not None}


def _add_directions(fields: Fields, values: Mapping[RollupKey, list[float]], stations: Mapping[int, Divided]) -> None:
    """Add new directions to their quarters, and sum up the days of those that have new directions or wind speeds."""
    new = {key: Vectors.of(each) for key, each in values.items() if fields[key[:2]].quantity == WIND_DIRECTION}
    DirectionQuarter.objects.add(new)
    days: dict[int, set[Span]] = {}
    for station, number, quarter_ms in values:
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
