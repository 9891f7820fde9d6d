"""Rain and other sums: rain days, the wettest day, dry and wet spells, and the sums of months and years."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import fsum
from typing import ClassVar, NamedTuple
from zoneinfo import ZoneInfo

from readings.almanac.days import NEXT_DAY_MS, DayValue, Record, highest, local_day, sums_of_days
from readings.almanac.months import ByMonth, Months
from readings.calendar.days import RunningDay, midnight_ms
from stations.models import Field
from stations.units import conversion

# A day of rain has 1 mm or more, a dry one less: ETCCDI, indices R1mm, CWD and CDD.
WET_MM = 1.0
_A_HAIR = 1e-6  # Five tips of 0.2 mm may sum up to a hair less than 1 mm.


class DaysSummed(NamedTuple):
    """Some days with readings: their number, their sum, how many were wet, and the day with the most, if any came."""

    days: int
    sum: float
    wet_days: int
    most: Record | None


class Spell(NamedTuple):
    """Days in a row, from the first to the last of them."""

    days: int
    first: date
    last: date

    @property
    def after(self) -> date:
        return self.last + timedelta(days=1)


class Spells(NamedTuple):
    """The longest dry and the longest wet spell; None if there was none."""

    dry: Spell | None
    wet: Spell | None


@dataclass(frozen=True)
class SumAlmanac:
    """The almanac of an amount or a counter, in its field's unit. Only rain has wet days and spells."""

    template: ClassVar[str] = "almanac/_sum.html"
    cells: ClassVar[str] = "almanac/_sum_cells.html"
    field: Field
    since: date
    most: Record | None
    spells: Spells
    months: ByMonth[DaysSummed]
    years: Sequence[tuple[date, DaysSummed]]

    @property
    def is_rain(self) -> bool:
        return self.field.quantity in {"rain_amount", "rain_counter"}

    @property
    def columns(self) -> int:
        """Return the number of cells."""
        return 4 if self.is_rain else 3

    @property
    def whole(self) -> DaysSummed | None:
        """Return one summary of all months."""
        known = [month for _, month in self.months if month]
        most = [month.most for month in known if month.most]
        return known and DaysSummed(  # type: ignore[return-value]
            sum(month.days for month in known),
            fsum(month.sum for month in known),
            sum(month.wet_days for month in known),
            max(most, key=lambda record: record.value, default=None),
        )


class _Run(NamedTuple):
    """Days in a row that are alike."""

    is_wet: bool
    days: int
    first_ms: int
    last_ms: int


def sum_almanac(field: Field, months: Months, running: RunningDay, zone: ZoneInfo) -> SumAlmanac | None:
    """Return the almanac of a sum, or None if it has no readings.

    Today counts in sums, and as a wet day as soon as it is one; whether it is dry is not known yet.
    """
    days = sums_of_days(field)
    if not days:
        return None
    since, last = local_day(days[0].start_ms, zone), local_day(days[-1].start_ms, zone)
    years = [date(year, 1, 1) for year in range(since.year, last.year + 2)]
    limit = _wet_from(field)
    of_months = _parts(days, months.edges_ms, limit, zone)
    of_years = _parts(days, [midnight_ms(each, zone) for each in years], limit, zone)
    return SumAlmanac(
        field,
        since,
        _most(days, zone),
        _spells(days, limit, running.start_ms, zone),
        months.since(since, lambda index: of_months[index]),
        [(year, summed) for year, summed in zip(years, of_years, strict=False) if summed],
    )


def _wet_from(field: Field) -> float:
    from_mm = conversion("mm", field.unit)
    return (from_mm.apply(WET_MM) if from_mm else WET_MM) - _A_HAIR


def _parts(days: Sequence[DayValue], edges_ms: Sequence[int], limit: float, zone: ZoneInfo) -> list[DaysSummed | None]:
    """Return a summary of the days between each two edges, or None where there are none."""
    cuts = [bisect_left(days, (edge,)) for edge in edges_ms]
    return [_summed(days[start:end], limit, zone) for start, end in pairwise(cuts)]


def _summed(days: Sequence[DayValue], limit: float, zone: ZoneInfo) -> DaysSummed | None:
    if not days:
        return None
    wet = sum(day.value >= limit for day in days)
    return DaysSummed(len(days), fsum(day.value for day in days), wet, _most(days, zone))


def _most(days: Sequence[DayValue], zone: ZoneInfo) -> Record | None:
    found = highest(days, zone)
    return found if found.value > 0 else None


def _spells(days: Sequence[DayValue], limit: float, today_ms: int, zone: ZoneInfo) -> Spells:
    """Return the longest spells; the first ones if others are as long. A day without readings ends a spell."""
    longest: dict[bool, _Run] = {}
    run = None
    for start_ms, value in days:
        is_wet = value >= limit
        if start_ms >= today_ms and not is_wet:
            break
        if run and run.is_wet == is_wet and start_ms - run.last_ms <= NEXT_DAY_MS:
            run = _Run(is_wet, run.days + 1, run.first_ms, start_ms)
        else:
            run = _Run(is_wet, 1, start_ms, start_ms)
        if is_wet not in longest or run.days > longest[is_wet].days:
            longest[is_wet] = run
    return Spells(*(_spell(longest.get(is_wet), zone) for is_wet in (False, True)))


def _spell(run: _Run | None, zone: ZoneInfo) -> Spell | None:
    return run and Spell(run.days, local_day(run.first_ms, zone), local_day(run.last_ms, zone))
