"""Stretches of time that people name: a day, a week, a month or a year of a station's own calendar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from freetemp.formatting import dated
from readings.calendar.clocks import clock_name
from readings.calendar.days import midnight

KINDS = ("day", "week", "month", "year")


@dataclass(frozen=True)
class Part:
    """A row of a period's table."""

    start: datetime
    end: datetime
    label: str


@dataclass(frozen=True)
class Period:
    """From `start` until just before `end`. A period of the calendar has a `first_day`, and ends after its last day.

    A day has 23, 24 or 25 hours and begins at the station's midnight.
    """

    kind: str
    start: datetime
    end: datetime
    zone: ZoneInfo
    first_day: date | None = None

    @classmethod
    def containing(cls, day: date, kind: str, zone: ZoneInfo) -> Period:
        """Return the day, week (from Monday), month or year that holds a day."""
        first = _FIRST[kind](day)
        return cls(kind, midnight(first, zone), midnight(_next(first, kind), zone), zone, first)

    @cached_property
    def previous_day(self) -> date | None:
        """Return the first day of the period before, for a link to it."""
        if self.first_day is None or self.first_day <= date(1970, 1, 1):
            return None
        return _FIRST[self.kind](self.first_day - timedelta(days=1))

    @cached_property
    def next_day(self) -> date | None:
        return None if self.first_day is None else _next(self.first_day, self.kind)

    @cached_property
    def parts(self) -> list[Part]:
        """Return the rows of the period's table: hours, days, months or years. The period cuts the outermost ones."""
        length = self.end - self.start
        if length <= timedelta(hours=49):
            label = "H:i" if self.kind == "day" else "D j M, H:i"
            return [Part(start, end, self._labelled(start, label)) for start, end in pairwise(self._hours())]
        kind = "day" if length <= timedelta(days=93) else "month" if length <= timedelta(days=3 * 366) else "year"
        return [Part(start, end, self._named(start, end, kind)) for start, end in pairwise(self._calendar(kind))]

    def _named(self, start: datetime, end: datetime, kind: str) -> str:
        """Return a row's label. It says where a range cuts the day, month or year: the values are only that part's."""
        label, detail = _ROWS[kind]
        first = _FIRST[kind](start.astimezone(self.zone).date())
        name = dated(start.astimezone(self.zone), label).replace(" ", "\N{NO-BREAK SPACE}")
        if self.kind != "range":
            return name
        if start > midnight(first, self.zone):
            return _cut(_("%(part)s, from %(moment)s"), name, dated(start.astimezone(self.zone), detail))
        if end < midnight(_next(first, kind), self.zone):
            last = end if kind == "day" else end - timedelta(milliseconds=1)
            return _cut(_("%(part)s, until %(moment)s"), name, dated(last.astimezone(self.zone), detail))
        return name

    def _labelled(self, start: datetime, style: str) -> str:
        """Return a row's label. It names the clock's zone on a day on which clocks are set: 02:00 may come twice."""
        local = start.astimezone(self.zone)
        clocks_are_set = self.kind == "day" and self.end - self.start != timedelta(days=1)
        # Django's format “T” does not help: it is empty in just that hour.
        return f"{dated(local, style)} {clock_name(local)}" if clocks_are_set else _kept(dated(local, style))

    def _hours(self) -> list[datetime]:
        count = -(-(self.end - self.start) // timedelta(hours=1))
        return [*(self.start + timedelta(hours=n) for n in range(count)), self.end]

    def _calendar(self, kind: str) -> list[datetime]:
        edges, day = [self.start], _FIRST[kind](self.start.astimezone(self.zone).date())
        while (edge := midnight(day := _next(day, kind), self.zone)) < self.end:
            edges.append(edge)
        return [*edges, self.end]


def _cut(words: str, name: str, moment: str) -> str:
    """Return a label that a narrow table may break only behind the comma."""
    return _kept(words % {"part": name, "moment": moment})


def _kept(label: str) -> str:
    return label.replace(" ", "\N{NO-BREAK SPACE}").replace(",\N{NO-BREAK SPACE}", ", ")


# The formats of a row's label, and of the moment at which a range cuts it.
_ROWS = {"day": ("D j M", "H:i"), "month": ("M Y", "j M"), "year": ("Y", "j M")}
_FIRST: dict[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
    "year": lambda day: day.replace(month=1, day=1),
}
_LONGEST_DAYS = {"day": 1, "week": 7, "month": 31, "year": 366}


def _next(first: date, kind: str) -> date:
    """Return the first day of the period after the one that begins with `first`."""
    return _FIRST[kind](first + timedelta(days=_LONGEST_DAYS[kind]))
