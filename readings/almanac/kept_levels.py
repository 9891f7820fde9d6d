"""Almanacs of levels, whose days before today each process sums up once for each edition of a field.

Two years of days take longer than all other figures of a page together. A newest reading of today changes only today.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from freetemp.fields import to_millis
from freetemp.kept import Kept
from readings.almanac.levels import SUN, AlmanacQuerySet, LevelAlmanac, Records, Summary
from readings.almanac.months import Months
from readings.almanac.sunshine import sunshine_hours
from readings.calendar.days import RunningDay, day_of
from readings.calendar.span import Span
from readings.models import Day
from stations.models import Field, Station


class _Closed(NamedTuple):
    """The records of a field, which may be of today, and a summary of each month without today."""

    records: Records
    months: Sequence[Summary | None]

    def has_records(self, latest: Summary | None) -> bool:
        """Tell whether the records hold still, given a summary of the days from today on."""
        if latest is None:
            return True
        figures, (_, highest, lowest, *_) = latest.figures, self.records
        return lowest.value <= figures.min and figures.max <= highest.value


MOST_KEPT = 200  # of some 8 kB each
kept_levels: Kept[tuple[object, ...], _Closed] = Kept(MOST_KEPT)


def level_almanacs(
    station: Station, fields: Sequence[Field], months: Months, running: RunningDay, base_c: float
) -> list[LevelAlmanac]:
    """Return the almanac of each level that has readings. Growing degree days count from `base_c` degC.

    The days before today are summed up once for each edition of a field.
    """
    latest = Span(running.start_ms, max([day_of(station.zone, running.start_ms).end_ms, *months.edges_ms]))
    found = {number: each for (number, _), each in _summaries(fields, latest, running, base_c).items()}
    keys = {field.number: _key(station, field, months, latest, base_c) for field in fields}
    closed = {
        number: kept
        for number, key in keys.items()
        if key and (kept := kept_levels.get(key)) and kept.has_records(found.get(number))
    }
    for number, each in _closed(station, [of for of in fields if of.number not in closed], months, running, base_c):
        closed[number] = each
        if key := keys[number]:
            kept_levels.put(key, each)
    return [
        _almanac(field, closed[field.number], months, latest, found.get(field.number))
        for field in fields
        if field.number in closed
    ]


def _key(station: Station, field: Field, months: Months, latest: Span, base_c: float) -> tuple[object, ...] | None:
    """Return what a field's closed days follow from, or None if there are readings of days to come."""
    newest_ms = 0 if field.newest_at is None else to_millis(field.newest_at)
    if newest_ms >= latest.end_ms:
        return None
    before_today_ms = min(newest_ms, latest.start_ms)  # A reading of today changes no day before it.
    of_field = field.pk, field.edition, field.unit, field.quantity
    return *of_field, before_today_ms, latest.start_ms, *months.edges_ms, station.zone, base_c


def _closed(
    station: Station, fields: Sequence[Field], months: Months, running: RunningDay, base_c: float
) -> Iterator[tuple[int, _Closed]]:
    if not fields:
        return
    records = AlmanacQuerySet(Day).records(station, [field.number for field in fields], running.start_ms)
    edges_ms = sorted({min(at, running.start_ms) for at in months.edges_ms})
    summaries = _summaries([field for field in fields if field.number in records], edges_ms, running, base_c)
    for number, each in records.items():
        yield number, _Closed(each, [summaries.get((number, index)) for index, _ in enumerate(edges_ms[1:])])


def _summaries(
    fields: Sequence[Field], edges_ms: Sequence[int], running: RunningDay, base_c: float
) -> dict[tuple[int, int], Summary]:
    """Return summaries of days by (field's number, index of the month between the `edges_ms`), with their sunshine."""
    found = AlmanacQuerySet(Day).months(fields, edges_ms, running, base_c)
    for field in fields:
        hours = sunshine_hours(field, edges_ms) if field.quantity == SUN else []
        for index, hours_of_month in enumerate(hours):
            if summary := found.get((field.number, index)):
                found[field.number, index] = summary._replace(sunshine_h=hours_of_month)
    return found


def _almanac(field: Field, closed: _Closed, months: Months, latest: Span, found: Summary | None) -> LevelAlmanac:
    """Return an almanac of the days before today and a summary of those from today on, if it is among the months."""
    summaries = dict(enumerate(closed.months))
    if found and months.edges_ms and months.edges_ms[-1] > latest.start_ms:
        last = len(months.edges_ms) - 2
        before = summaries.get(last)
        summaries[last] = before.plus(found) if before else found
    return LevelAlmanac(field, closed.records, months.since(closed.records.since, summaries.get))
