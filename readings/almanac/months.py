"""The months of an almanac: those of the shown year, or the last twelve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from readings.calendar.days import midnight_ms
from readings.calendar.periods import Period

MONTHS = 12
T = TypeVar("T")
ByMonth = Sequence[tuple[date, T | None]]  # by the first days of months


class Months(NamedTuple):
    """The first days of months and of the month after them, and their first moments in Unix milliseconds."""

    firsts: Sequence[date]
    edges_ms: Sequence[int]

    def since(self, begun: date, found: Callable[[int], T | None]) -> ByMonth[T]:
        """Return each month from the one that holds a day on, with what was found for its index."""
        months = enumerate(self.firsts[:-1])
        return [(first, found(index)) for index, first in months if first >= begun.replace(day=1)]


def months_of(period: Period, today: date, zone: ZoneInfo) -> Months:
    """Return a year's begun months, or the last twelve."""
    year = period.first_day if period.kind == "year" else None
    last = today.year * 12 + today.month - 1
    first = year.year * 12 if year else last - MONTHS + 1
    after = min(first + MONTHS, last + 1)
    firsts = [date(number // 12, number % 12 + 1, 1) for number in range(first, after + 1)]
    return Months(firsts, [midnight_ms(each, zone) for each in firsts])
