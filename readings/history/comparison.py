"""A period beside another: the period before, or the same period last year."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from django.utils.translation import ngettext, pgettext, pgettext_lazy

from freetemp.fields import EPOCH
from readings.calendar.navigation import Navigation
from readings.calendar.periods import KINDS, Period

# A year in whole weeks, so that Saturdays are compared with Saturdays.
SAME_WEEK = timedelta(weeks=52)

# A viewer's choices for each kind of period. For a year, “the same last year” is the year before.
CHOICES = {
    "day": {
        "before": pgettext_lazy("compare with", "the day before"),
        "year": pgettext_lazy("compare with", "the same day last year"),
    },
    "week": {
        "before": pgettext_lazy("compare with", "the week before"),
        "year": pgettext_lazy("compare with", "the same week last year"),
    },
    "month": {
        "before": pgettext_lazy("compare with", "the month before"),
        "year": pgettext_lazy("compare with", "the same month last year"),
    },
    "year": {"before": pgettext_lazy("compare with", "the year before")},
    "range": {
        "before": pgettext_lazy("compare with", "as long before it"),
        "year": pgettext_lazy("compare with", "52 weeks before"),
    },
}


@dataclass(frozen=True)
class Comparison:
    """A period for comparison, up to `end`: if the shown period still runs, only as far as that one has come."""

    navigation: Navigation
    end: datetime

    @property
    def period(self) -> Period:
        return self.navigation.period

    @property
    def has_begun(self) -> bool:
        """Tell whether this period has any part to compare with."""
        return self.period.start < self.end

    @property
    def is_cut(self) -> bool:
        return self.end < self.period.end


def comparison(shown: Navigation) -> Comparison | None:
    """Return the comparison for the shown period, or None if none is requested or possible."""
    return _Beside(shown.period, shown.now).comparison(shown.compare) if shown.compare else None


@dataclass(frozen=True)
class _Beside:
    period: Period
    now: datetime

    def comparison(self, how: str) -> Comparison | None:
        found = self._calendar(how) if self.period.kind in KINDS else self._range(how)
        return Comparison(Navigation(found, self.now), self._end_in(found)) if found else None

    def _calendar(self, how: str) -> Period | None:
        first, kind = self.period.first_day, self.period.kind
        if first is None:
            return None
        day = first - SAME_WEEK if kind == "week" else a_year_before(first)
        if how != "year":
            day = first - timedelta(days=1)
        return Period.containing(day, kind, self.period.zone) if day.year >= EPOCH.year else None

    def _range(self, how: str) -> Period | None:
        """Return the range just before, or `how` seconds before, or at the same clock hours 52 weeks before."""
        period = self.period
        if period.kind != "range":
            return None
        if how == "year":
            start, end = self._weeks_before(period.start), self._weeks_before(period.end)
        else:
            length = period.end - period.start
            start = period.start - (timedelta(seconds=int(how)) if how.isdecimal() else length)
            end = start + length
        return Period("range", start, end, period.zone) if EPOCH <= start < end else None

    def _weeks_before(self, moment: datetime) -> datetime:
        if moment - EPOCH < SAME_WEEK + timedelta(days=1):
            return EPOCH - SAME_WEEK
        return (moment.astimezone(self.period.zone) - SAME_WEEK).astimezone(UTC)

    def _end_in(self, other: Period) -> datetime:
        """Return the moment at which the other period was as far along as this one is now, by the station's clock."""
        if not self.period.start <= self.now < self.period.end:
            return other.end
        if self.period.first_day is None or other.first_day is None:
            return min(other.start + (self.now - self.period.start), other.end)
        local = self.now.astimezone(self.period.zone)
        if self.period.kind == "year":
            day = a_year_before(local.date(), other.first_day.year)
        else:
            day = other.first_day + (local.date() - self.period.first_day)
        reached = datetime.combine(day, local.time(), self.period.zone).astimezone(UTC)
        return max(other.start, min(reached, other.end))


def a_year_before(day: date, year: int | None = None) -> date:
    """Return the same day of the year before, or of the given year. 29 February becomes the 28th."""
    year = day.year - 1 if year is None else year
    is_leap_day = (day.month, day.day) == (2, 29)
    return date(year, 2, 28) if is_leap_day else day.replace(year=year)


class Choice(NamedTuple):
    """A comparison that a viewer may choose: its words, its address, and whether it is the current one."""

    words: str
    address: str
    is_current: bool


def choices(shown: Navigation) -> list[Choice]:
    """Return the choices of comparison for a period, “none” first; no choices if it is all readings."""
    kind = shown.period.kind
    offered: dict[str, Any] = CHOICES.get(kind, {})
    if not offered:
        return []
    current = shown.compare if shown.compare in offered else next(iter(offered)) if shown.compare else ""
    if kind == "range" and shown.compare.isdecimal():
        offered, current = {shown.compare: so_long_before(int(shown.compare))} | offered, shown.compare
    nothing = ("", pgettext_lazy("compare with", "nothing"))
    return [
        Choice(str(words), replace(shown, compare=how).address, how == current)
        for how, words in [nothing, *offered.items()]
    ]


def so_long_before(seconds: int) -> str:
    """Return how long before a range the other one is, in words. A whole day has 23 to 25 hours."""
    days = round(seconds / 86_400)
    if not days or abs(seconds - days * 86_400) > 3600:
        return pgettext("compare with", "some time before")
    return ngettext("%(days)d day before", "%(days)d days before", days) % {"days": days}
