"""The last 24 hours of fields by half hours, from quarters that each process keeps.

A page of 500 stations shows 24,000 half hours. Reading them takes several times as long as all else that the page
needs, and from one look to the next, most of them are the same.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import NamedTuple

from freetemp.fields import to_millis
from freetemp.kept import Kept
from readings.calendar.span import EVER, HALF_HOUR_MS, Span, quarter_start_ms
from readings.models import Quarter
from stations.models import Field

DAY = timedelta(days=1)
MOST_KEPT = 2_000  # of some 3 kB each
_COLUMNS = 4


class HalfHours(NamedTuple):
    """The starts of half hours in Unix milliseconds, in order of time, and the mean or the sum of each.

    `low` and `high` are the smallest and the largest value of all of them; None without any.
    """

    starts: list[int]
    values: list[float]
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class LastDay:
    """A field's quarters from a moment on, as they were when the field had this edition and this newest value.

    `quarters` has four numbers for each: its start in Unix milliseconds, its mean or its sum, its smallest and largest.
    """

    field: int
    edition: int
    newest: tuple[datetime | None, float | None]
    has_sums: bool
    since_ms: int
    quarters: array[float]

    def is_of(self, field: Field) -> bool:
        """Tell whether a field has the same quarters still: every change of them changes one of these."""
        return self.edition == field.edition and self.newest == (field.newest_at, field.newest_value)

    def half_hours(self, first_ms: int) -> HalfHours:
        """Return the half hours from a quarter's start on.

        The first may be only half as long. The mean of a half hour is that of its quarters, each counting alike.
        """
        quarters = self.between(first_ms)
        starts, values = (quarters[column::_COLUMNS].tolist() for column in range(2))
        halves, totals = [], []
        at, count = 0, len(starts)
        while at < count:
            half_ms, total = starts[at] - starts[at] % HALF_HOUR_MS, values[at]
            at += 1
            if at < count and starts[at] < half_ms + HALF_HOUR_MS:
                total += values[at]
                total, at = total if self.has_sums else total / 2, at + 1
            halves.append(int(half_ms))
            totals.append(total)
        return HalfHours(halves, totals, *self.range(first_ms))

    def between(self, first_ms: int, end_ms: float = inf) -> array[float]:
        """Return the quarters from one quarter's start up to another's."""
        starts = self.quarters[::_COLUMNS]
        return self.quarters[_COLUMNS * bisect_left(starts, first_ms) : _COLUMNS * bisect_left(starts, end_ms)]

    def range(self, first_ms: int) -> tuple[float | None, float | None]:
        """Return the smallest and the largest value of the quarters from a quarter's start on; None without any."""
        quarters = self.between(first_ms)
        return min(quarters[2::_COLUMNS], default=None), max(quarters[3::_COLUMNS], default=None)


_kept: Kept[int, LastDay] = Kept(MOST_KEPT)


def since_ms(now: datetime) -> int:
    """Return the start of the quarter in which the last 24 hours begin."""
    return quarter_start_ms(to_millis(now - DAY))


def last_days(fields: Collection[Field], now: datetime) -> dict[int, LastDay]:
    """Return the quarters of fields from since_ms(now) on, by the fields' ids. The fields must have newest values.

    If readings came after those that are kept, only the quarters since these are read.
    """
    start_ms = since_ms(now)
    days, wanted = {}, {}
    for field, kept in zip(fields, _kept.get_each([field.id for field in fields]), strict=True):
        if kept and kept.has_sums == field.kind.is_sum and kept.since_ms <= start_ms:
            if kept.is_of(field):
                days[field.id] = kept
                continue
        else:
            kept = None
        wanted[field.station_id, field.number] = field, kept, _first_other_ms(field, kept, start_ms)
    if wanted:
        days |= _read(wanted, start_ms)
    return days


def _first_other_ms(field: Field, kept: LastDay | None, start_ms: int) -> int:
    """Return the start of the first quarter that may differ from a kept one."""
    if kept is None or kept.edition != field.edition:
        return start_ms
    before, newest = kept.newest[0], field.newest_at
    if before is None or newest is None or newest < before:
        return start_ms
    return max(start_ms, quarter_start_ms(to_millis(before) - int(field.kind.belongs_before)))


def _read(wanted: dict[tuple[int, int], tuple[Field, LastDay | None, int]], start_ms: int) -> dict[int, LastDay]:
    rows = Quarter.objects.in_spans([(*key, Span(first_ms, EVER.end_ms)) for key, (_, _, first_ms) in wanted.items()])
    found = defaultdict(list)
    for (station, number, quarter_ms), total in rows:
        found[station, number].append((quarter_ms, total))
    days = {}
    for key, (field, kept, first_ms) in wanted.items():
        quarters = array("d")
        if kept is not None and first_ms > start_ms:
            quarters = kept.between(start_ms, first_ms)
        has_sums = field.kind.is_sum
        for quarter_ms, total in sorted(found[key]):
            quarters.extend((quarter_ms, total.sum if has_sums else total.mean, total.min, total.max))
        newest = field.newest_at, field.newest_value
        day = LastDay(field.id, field.edition, newest, has_sums, start_ms, quarters)
        days[field.id] = day
        _kept.put(field.id, day)
    return days
