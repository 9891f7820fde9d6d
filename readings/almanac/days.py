"""One figure of each day of a field, for all its years: a few milliseconds for ten of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from freetemp.fields import from_millis
from freetemp.sql import execute
from readings.calendar.span import HOUR_MS
from stations.models import Field

# From the start of a day to that of the next; the day after that begins later.
NEXT_DAY_MS = 36 * HOUR_MS


class DayValue(NamedTuple):
    """A day's first moment in Unix milliseconds, and its figure."""

    start_ms: int
    value: float


class Record(NamedTuple):
    """The most extreme value so far, in its field's unit, and the first day that had it."""

    value: float
    day: date


def sums_of_days(field: Field) -> list[DayValue]:
    """Return the sum of each day with readings, in order of time."""
    return _each(field, '"sum"')


def highest_of_days(field: Field) -> list[DayValue]:
    """Return the largest reading of each day, in order of time."""
    return _each(field, '"max"')


def _each(field: Field, column: str) -> list[DayValue]:
    statement = f"SELECT start, {column} FROM readings_day WHERE station_id = %s AND field = %s ORDER BY start"  # noqa: S608 - our names
    return [DayValue(*row) for row in execute(statement, [field.station_id, field.number]).returned]


def highest(days: Sequence[DayValue], zone: ZoneInfo) -> Record:
    """Return the highest of some days, at least one."""
    best = max(days, key=lambda day: (day.value, -day.start_ms))
    return Record(best.value, local_day(best.start_ms, zone))


def local_day(start_ms: int, zone: ZoneInfo) -> date:
    return from_millis(start_ms).astimezone(zone).date()
