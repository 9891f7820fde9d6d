"""The list of stations on the home page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from readings.charts.sparkline import Bars, Sparkline, drawn
from readings.history.sums import since_midnight
from readings.pages.kept_stations import KnownStation, seen_by
from stations.models import Field
from stations.models.status import IMPORTED, Status, told_status

STATUSES = (Status.ALIVE.value, Status.LATE.value, Status.SILENT.value, IMPORTED, Status.NEVER.value)


class Card:
    """A station with everything that the home page shows of it at a moment."""

    def __init__(
        self,
        known: KnownStation,
        now: datetime,
        line: Sparkline | Bars | None,
        location: tuple[float, float] | None,
        today: Mapping[tuple[int, int], float],
    ):
        self.known, self.now, self.line = known, now, line
        self._today = today
        self.station, self.fields, self.newest_at = station, _, newest_at = known.station, known.fields, known.newest_at
        self.silence = station.silence(now)
        self.status = told_status(station.status_after(self.silence, now), newest_at)
        self.in_maintenance = station.in_maintenance(now)
        # Text: a template would write numbers with a decimal comma for some viewers.
        self.location = "{!r},{!r}".format(*location) if location else ""

    def today(self, field: Field) -> float | None:
        """Return what an amount or a counter has summed up today, or None if it has no readings."""
        return self._today.get((field.station_id, field.number))

    def has(self, text: str) -> bool:
        """Tell whether each word of a text is in the station's name or place. parts/filter.js does the same."""
        searched = f"{self.station.name} {self.station.place}".casefold()
        return all(word in searched for word in text.casefold().split())


def cards_of(user: AbstractBaseUser | AnonymousUser, now: datetime) -> list[Card]:
    """Return the cards of the active stations that a viewer may see, in the order of their names."""
    ordered = sorted(seen_by(user), key=attrgetter("order"))
    lines = _lines(ordered, now)
    today = since_midnight((field for known in ordered for field in known.summed), now)
    return [Card(known, now, lines.get(known.station.id), known.station.location_for(user), today) for known in ordered]


def _lines(stations: Sequence[KnownStation], now: datetime) -> dict[int, Sparkline | Bars]:
    """Return the lines of the stations that have one, by their ids."""
    lines = {}
    with_line = [(known, field) for known in stations if (field := known.lined)]
    found = drawn([field for _, field in with_line], [known.drawn for known, _ in with_line], now)
    for (known, _), line in zip(with_line, found, strict=True):
        known.drawn, lines[known.station.id] = line, line.line
    return lines


def counted(cards: Iterable[Card]) -> list[tuple[str, int]]:
    """Return each status that occurs with its number of stations, the good one first."""
    numbers = Counter(card.status for card in cards)
    return [(status, numbers[status]) for status in STATUSES if numbers[status]]
