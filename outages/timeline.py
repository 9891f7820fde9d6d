"""The outages of a station over a year of its own calendar: its months, with what is drawn and what is told of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import floor
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from freetemp.formatting import dated, decimal
from outages.causes import Cause
from outages.models import Outage
from outages.words import NAMES
from readings.calendar.days import midnight
from readings.models import Reading
from stations.models import Station

# What is drawn alike: who knows whether it was this server, its network, the power or the board knows where to look.
KINDS = {
    Cause.SERVER: "server",
    Cause.WAY: "network",
    Cause.NETWORK: "network",
    Cause.SIGNAL: "network",
    Cause.POWER: "power",
    Cause.BATTERY: "power",
    Cause.CRASH: "board",
    Cause.HANG: "board",
    Cause.SENSOR: "board",
    Cause.UNKNOWN: "unknown",
}
NARROWEST, APART = 0.4, 0.3  # percent of a month's strip: what is nearer than that is drawn as one


class Mark(NamedTuple):
    """A part of a month's strip, in percent of its length. A low mark: all or most readings arrived late."""

    x: float
    width: float
    kind: str
    is_low: bool


@dataclass(frozen=True)
class Month:
    """The part of a month in which a station has reported, and its outages in it."""

    start: datetime
    end: datetime
    since: datetime
    until: datetime
    label: str
    outages: Sequence[Outage]

    @property
    def count(self) -> int:
        return len(self.outages)

    @property
    def uptime(self) -> str:
        """Return the share of the time without an outage, in percent: rounded down, so that 100 means all of it."""
        away = sum((_within(each, self.since, self.until) for each in self.outages), timedelta())
        return decimal(floor(1000 * (1 - away / (self.until - self.since))) / 10, 1)

    @property
    def causes(self) -> list[tuple[str, str, str]]:
        """Return the kind, the name and the length of each cause, the longest first."""
        lengths: dict[Cause, timedelta] = defaultdict(timedelta)
        for each in self.outages:
            lengths[Cause(each.cause)] += _within(each, self.since, self.until)
        ranked = sorted(lengths.items(), key=lambda item: -item[1])
        return [(KINDS[cause], str(NAMES[cause]), in_words(length)) for cause, length in ranked]

    @property
    def marks(self) -> list[Mark]:
        """Return what is drawn of it. However many outages there were, these are few."""
        drawn: list[Mark] = []
        for each in sorted((self._mark(each) for each in self.outages), key=lambda mark: mark.x):
            last = drawn[-1] if drawn else None
            if last and last[2:] == each[2:] and each.x - last.x - last.width < APART:
                end = max(last.x + last.width, each.x + each.width)
                drawn[-1] = last._replace(width=round(end - last.x, 2))
            else:
                drawn.append(each)
        return drawn

    @property
    def covered(self) -> Mark:
        """Return the part of the strip in which the station has reported."""
        return self._part(self.since, self.until, "", is_low=False)

    def _mark(self, outage: Outage) -> Mark:
        is_low = outage.arrived * 2 >= outage.expected > 0
        start, end = max(outage.began_at, self.since), min(outage.ended_at or self.until, self.until)
        return self._part(start, end, KINDS[Cause(outage.cause)], is_low=is_low)

    def _part(self, start: datetime, end: datetime, kind: str, *, is_low: bool) -> Mark:
        whole = self.end - self.start
        width = max(100 * ((end - start) / whole), NARROWEST)
        return Mark(round(min(100 * ((start - self.start) / whole), 100 - width), 2), round(width, 2), kind, is_low)


def _within(outage: Outage, since: datetime, until: datetime) -> timedelta:
    return max(min(outage.ended_at or until, until) - max(outage.began_at, since), timedelta())


def in_words(length: timedelta) -> str:
    """Return a length in its two largest units: “3 hours, 12 minutes”."""
    start = datetime(2000, 1, 1)  # noqa: DTZ001 - only the difference is used
    return timesince(start, start + length, depth=2)


class Timeline:
    """A station's outages, year by year, up to a moment."""

    def __init__(self, station: Station, now: datetime) -> None:
        self._station, self._now = station, now
        known = Reading.objects.span(station)
        first = Outage.objects.filter(station=station).order_by("began_at").first()
        moments = [*([known[0]] if known else []), *([first.began_at] if first else [])]
        self._since = min(moments, default=None)

    @property
    def years(self) -> list[int]:
        """Return the years since the first reading, the newest first."""
        if self._since is None:
            return []
        first, last = (each.astimezone(self._station.zone).year for each in (self._since, self._now))
        return list(range(last, first - 1, -1))

    def months(self, year: int) -> Iterator[Month]:
        """Yield the months of a year in which the station has reported."""
        since = self._since
        starts = [midnight(date(year + n // 12, n % 12 + 1, 1), self._station.zone) for n in range(13)]
        outages = list(self.of_year(year).order_by("began_at"))
        for start, end in pairwise(starts):
            if since is None or end <= since or start >= self._now:
                continue
            label = dated(start.astimezone(self._station.zone), "M")
            found = [each for each in outages if each.began_at < end and (each.ended_at or self._now) > start]
            yield Month(start, end, max(start, since), min(end, self._now), label, found)

    def of_year(self, year: int) -> QuerySet[Outage]:
        """Return the outages that have a part in a year."""
        zone = self._station.zone
        start, end = midnight(date(year, 1, 1), zone), midnight(date(year + 1, 1, 1), zone)
        return Outage.objects.filter(station=self._station).overlapping(start, end)

    def label(self, outage: Outage) -> str:
        """Return from when to when an outage was, by the station's clock."""
        began, ended = (each and each.astimezone(self._station.zone) for each in (outage.began_at, outage.ended_at))
        names = {"start": dated(began or self._now, "j M Y, H:i"), "end": ""}
        if ended is None:
            return _("Since %(start)s") % names
        is_one_day = began is not None and began.date() == ended.date()
        return _("%(start)s to %(end)s") % (names | {"end": dated(ended, "H:i" if is_one_day else "j M Y, H:i")})
