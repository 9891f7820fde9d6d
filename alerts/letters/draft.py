"""A letter while it is written, a station at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from alerts.letters.issue import A_DAY, Issue
from alerts.letters.listing import Entry, entry
from alerts.letters.section import Chart, Looked, Section, section_of
from alerts.models import Notice, Recipient
from freetemp.translations import in_language
from outages.models import Outage
from stations.models import Field, Station

MOST_IN_DETAIL = 6  # stations, each with its chart
MOST_LISTED = 100  # Longer mails are cut: Gmail shows 102 kB.


class Content(NamedTuple):
    """Everything that a letter tells, in its recipient's language: sections, or entries if there are many stations."""

    recipient: Recipient
    issue: Issue
    at: datetime
    missed: Sequence[date]
    stations: int
    sections: Sequence[Section]
    entries: Sequence[Entry]
    is_asked_for: bool

    @property
    def charts(self) -> list[Chart]:
        return [each.chart for each in self.sections if each.chart]


@dataclass
class Draft:
    """A letter of a moment. It only reads, and holds nothing between two steps."""

    recipient: Recipient
    issue: Issue
    at: datetime
    missed: Sequence[date] = ()
    is_asked_for: bool = False  # by somebody, at any hour
    _sections: list[Section] = field(default_factory=list)
    _entries: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        every = list(self.recipient.told_stations().values_list("pk", flat=True))
        self.stations = len(every)
        self._is_detailed = self.stations <= MOST_IN_DETAIL
        chosen = every if self.stations <= MOST_LISTED else self._most_telling(every)
        self._left = iter(chosen)

    def step(self) -> bool:
        """Add the next station, and return whether there was one."""
        number = next(self._left, None)
        if number is None:
            return False
        station = Station.objects.with_fields().filter(pk=number).first()
        if station is None:
            return True  # It was deleted meanwhile.
        looked = Looked.at(station, self.issue.period(station.zone, self.at), self.at)
        with in_language(self.recipient.language):
            if self._is_detailed:
                days = self.issue.days(self.recipient, self.at)
                self._sections.append(section_of(looked, self.recipient, days))
            else:
                self._entries.append(entry(looked, self.recipient))
        return True

    def content(self) -> Content:
        own = self.recipient, self.issue, self.at, self.missed, self.stations
        return Content(*own, self._sections, self._entries, self.is_asked_for)

    def _most_telling(self, every: Sequence[int]) -> list[int]:
        """Return the stations that are listed: with troubles, with readings, and others, all in the order of names."""
        since = self.at - 8 * A_DAY
        troubled = set(Outage.objects.overlapping(since, self.at).values_list("station", flat=True))
        notices = Notice.objects.filter(recipient=self.recipient, created_at__gte=since)
        troubled.update(notices.values_list("incidents__station", flat=True))
        telling = set(Field.objects.filter(newest_at__gte=since).values_list("station", flat=True))
        ranked = sorted(every, key=lambda number: (number not in troubled, number not in telling))
        chosen = set(ranked[:MOST_LISTED])
        return [number for number in every if number in chosen]
