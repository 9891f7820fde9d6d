"""The list of stations on the home page."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from readings.charts.sparkline import Bars, Sparkline, sparklines
from readings.history.sums import since_midnight
from stations.models import Field, Station
from stations.models.station import newest_at
from stations.models.status import IMPORTED, Status, told_status

STATUSES = (Status.ALIVE.value, Status.LATE.value, Status.SILENT.value, IMPORTED, Status.NEVER.value)
_DIGITS = re.compile(r"(\d+)")


class Card:
    """A station with everything that the home page shows of it at a moment."""

    def __init__(
        self,
        station: Station,
        now: datetime,
        line: Sparkline | Bars | None,
        location: tuple[float, float] | None,
        today: Mapping[tuple[int, int], float],
    ):
        self.station, self.now, self.line = station, now, line
        self._today = today
        self.fields = list(station.fields.all())
        self.newest_at = newest_at(self.fields)
        self.status, self.silence = told_status(station.status(now), self.newest_at), station.silence(now)
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


def cards_of(stations: Iterable[Station], now: datetime, user: AbstractBaseUser | AnonymousUser) -> list[Card]:
    """Return the cards of stations in the order of their names. The stations' fields must be prefetched."""
    ordered = sorted(stations, key=lambda station: in_order(station.name))
    lines = sparklines(ordered, now)
    today = since_midnight((field for station in ordered for field in station.fields.all()), now)
    return [Card(station, now, lines.get(station.pk), station.location_for(user), today) for station in ordered]


def counted(cards: Iterable[Card]) -> list[tuple[str, int]]:
    """Return each status that occurs with its number of stations, the good one first."""
    numbers = Counter(card.status for card in cards)
    return [(status, numbers[status]) for status in STATUSES if numbers[status]]


def in_order(name: str) -> list[str | int]:
    """Return the key that sorts names as people do: “Ä” beside “a”, and “Roof 2” before “Roof 10”."""
    letters = (each for each in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(each))
    return [int(part) if part.isdecimal() else part for part in _DIGITS.split("".join(letters))]
