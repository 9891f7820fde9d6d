"""The marks of an axis: round numbers, and moments that are round on a station's own clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from math import ceil, floor, log10
from typing import NamedTuple
from zoneinfo import ZoneInfo

from freetemp.formatting import dated
from freetemp.translations import active_language
from readings.calendar.days import midnight

_NONE, _MINUTE, _HOUR, _DAY = timedelta(), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# Each step divides a day, so that marks are where people expect them.
_CLOCK_STEPS = [
    *(timedelta(seconds=n) for n in (1, 5, 15, 30)),
    *(n * _MINUTE for n in (1, 5, 10, 15, 30)),
    *(n * _HOUR for n in (1, 2, 3, 6, 12)),
]
_DAY_STEPS, _MONTH_STEPS, _YEAR_STEPS = (1, 2, 7, 14), (1, 2, 3, 6), (1, 2, 5, 10, 20, 50, 100)
_MONTH, _YEAR = timedelta(days=30.4), timedelta(days=365.25)
_FEW_DAYS = timedelta(days=10)
_A_MONDAY = date(1969, 12, 29)


class Tick(NamedTuple):
    """A mark with its label, and a second label if a new day, month or year begins there."""

    at: datetime
    label: str
    below: str = ""


def value_ticks(low: float, high: float, most: int) -> tuple[list[float], int]:
    """Return at most `most` multiples of 1, 2 or 5 times a power of ten from low to high, and their decimals."""
    least = (high - low) / max(most - 1, 1) or 1.0
    power = 10.0 ** floor(log10(least))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [n * step for n in range(first, last + 1)], max(0, ceil(-log10(step) - 1e-9))


def time_ticks(start: datetime, end: datetime, zone: ZoneInfo, most: int) -> list[Tick]:
    """Return the round moments of a zone's clock or calendar from start to end, at most about `most` of them."""
    return list(_time_ticks(start.astimezone(UTC), end.astimezone(UTC), zone, most, active_language()))


@lru_cache(maxsize=256)
def _time_ticks(start: datetime, end: datetime, zone: ZoneInfo, most: int, language: str | None) -> tuple[Tick, ...]:
    least = (end - start) / max(most, 1)
    marks, label, below = _marks(start, end, zone, least)
    ticks: list[Tick] = []
    before = None
    for local in (at.astimezone(zone) for at in marks if start <= at <= end):
        second = dated(local, below) if below else ""
        ticks.append(Tick(local, dated(local, label), "" if second == before else second))
        before = second
    return tuple(ticks)


def _marks(
    start: datetime, end: datetime, zone: ZoneInfo, least: timedelta
) -> tuple[Iterator[datetime] | list[datetime], str, str]:
    """Return moments no closer than `least`, and the formats of their labels."""
    for step in _CLOCK_STEPS:
        if step >= least:
            return _by_the_clock(start, end, zone, step), "H:i:s" if step < _MINUTE else "H:i", "j M"
    for days in _DAY_STEPS:
        if days * _DAY >= least:
            label, below = ("D", "j M") if end - start <= _FEW_DAYS else ("j M", "Y")
            return _by_the_day(start, end, zone, days), label, below
    for months in _MONTH_STEPS:
        if months * _MONTH >= least:
            return _by_the_month(start, end, zone, months), "M", "Y"
    years = next((n for n in _YEAR_STEPS if n * _YEAR >= least), _YEAR_STEPS[-1])
    return _by_the_month(start, end, zone, 12 * years), "Y", ""


def _by_the_clock(start: datetime, end: datetime, zone: ZoneInfo, step: timedelta) -> list[datetime]:
    """Return each moment at which a clock of the zone shows a multiple of the step.

    An hour that the clocks skip has no such moment; an hour that they repeat has each one twice.
    """
    begins, ends = (moment.astimezone(zone) for moment in (start, end))
    # Clocks that are set back show the same times again.
    back = max((begins.utcoffset() or _NONE) - (ends.utcoffset() or _NONE), _NONE)
    first, last = (local.replace(tzinfo=None) for local in (begins, ends))
    first -= back
    wall = datetime.combine(first, time()) + (first - datetime.combine(first, time())) // step * step
    found: set[datetime] = set()
    while wall <= last + back:
        for fold in (0, 1):
            moment = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
            if moment.astimezone(zone).replace(tzinfo=None) == wall:
                found.add(moment)
        wall += step
    return sorted(found)


def _by_the_day(start: datetime, end: datetime, zone: ZoneInfo, days: int) -> Iterator[datetime]:
    """Yield the midnights of every so many days. Steps of whole weeks begin on a Monday."""
    first = start.astimezone(zone).date()
    day = first - timedelta(days=(first - _A_MONDAY).days % days)
    while (moment := midnight(day, zone)) <= end:
        yield moment
        day += timedelta(days=days)


def _by_the_month(start: datetime, end: datetime, zone: ZoneInfo, months: int) -> Iterator[datetime]:
    local = start.astimezone(zone)
    count = (local.year * 12 + local.month - 1) // months * months
    while (moment := midnight(date(count // 12, count % 12 + 1, 1), zone)) <= end:
        yield moment
        count += months
