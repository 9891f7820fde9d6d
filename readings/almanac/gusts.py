"""Gusts: the highest of all, and of each month, with its day."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import ClassVar, NamedTuple
from zoneinfo import ZoneInfo

from readings.almanac.days import Record, highest, highest_of_days, local_day
from readings.almanac.months import ByMonth, Months
from stations.models import Field


class MonthOfGusts(NamedTuple):
    """The number of a month's days with readings, and their highest."""

    days: int
    highest: Record


@dataclass(frozen=True)
class GustAlmanac:
    """The almanac of a quantity whose largest value counts."""

    template: ClassVar[str] = "almanac/_gust.html"
    cells: ClassVar[str] = "almanac/_gust_cells.html"
    columns: ClassVar[int] = 3  # of cells
    field: Field
    since: date
    highest: Record
    months: ByMonth[MonthOfGusts]

    @property
    def whole(self) -> MonthOfGusts | None:
        """Return one summary of all months."""
        known = [month for _, month in self.months if month]
        if not known:
            return None
        return MonthOfGusts(sum(month.days for month in known), max((m.highest for m in known), key=lambda r: r.value))


def gust_almanac(field: Field, months: Months, zone: ZoneInfo) -> GustAlmanac | None:
    """Return the almanac of gusts, including today's, or None if there are none."""
    days = highest_of_days(field)
    if not days:
        return None
    cuts = [bisect_left(days, (edge,)) for edge in months.edges_ms]
    parts = [days[start:end] for start, end in pairwise(cuts)]
    found = [MonthOfGusts(len(part), highest(part, zone)) if part else None for part in parts]
    since = local_day(days[0].start_ms, zone)
    return GustAlmanac(field, since, highest(days, zone), months.since(since, lambda index: found[index]))
