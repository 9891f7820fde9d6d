"""Three stations with a real year of data, to see freetemp at work before there is a board."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import transaction

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.files.csv_import import ReadingsFile
from readings.ingest.reports import Measurement
from stations.models import Field, Station

FOLDER = Path(__file__).parent
HISTORY = timedelta(days=365)


@dataclass(frozen=True)
class DemoStation:
    """An airport with observations to replay: each at its day and hour of the year, in any year."""

    name: str
    file: str
    mac: str  # A locally administered address: no board has it.
    latitude: float
    longitude: float
    elevation_m: float


AIRPORTS = [
    DemoStation("Newark Airport (demo)", "newark.csv", "02:00:00:00:00:01", 40.6925, -74.168667, 5.5),
    DemoStation("JFK Airport (demo)", "jfk.csv", "02:00:00:00:00:02", 40.639751, -73.778925, 4.0),
    DemoStation("La Guardia Airport (demo)", "la-guardia.csv", "02:00:00:00:00:03", 40.777245, -73.872608, 6.4),
]


def load(airport: DemoStation, now: datetime) -> tuple[Station, int]:
    """Make a demo station unless it exists, and store its observations from the newest stored one until now.

    Returns the station and how many readings were new.
    """
    with transaction.atomic():
        station = Station.objects.filter(mac=airport.mac).first() or _create(airport)
        newest = {field.number: field.newest_at or now - HISTORY for field in station.fields.all()}
        past = observations(airport, station, now - HISTORY, now)
        missing = (each for each in past if from_millis(each.measured_at_ms) > newest[each.field])
        return station, ingest.store(station, missing)


def observations(airport: DemoStation, station: Station, start: datetime, end: datetime) -> Iterator[Measurement]:
    """Yield the observations between two moments, as if their year repeated for ever."""
    recorded = list(_recorded(airport, station))
    for year in range(start.year, end.year + 1):
        for each in recorded:
            moved = _in_year(each, year)
            if to_millis(start) <= moved.measured_at_ms < to_millis(end):
                yield moved


class Weather:
    """The values of a demo station's fields at any moment: a straight line between two observations."""

    def __init__(self, airport: DemoStation, station: Station, now: datetime) -> None:
        around = observations(airport, station, now - timedelta(days=2), now + timedelta(days=30))
        self.until = now + timedelta(days=29)
        self._known: dict[int, list[tuple[int, float]]] = {}
        for each in sorted(around, key=lambda each: each.measured_at_ms):
            self._known.setdefault(each.field, []).append((each.measured_at_ms, each.value))

    def at(self, field: Field, moment: datetime) -> float:
        known, at_ms = self._known[field.number], to_millis(moment)
        after = min(max(1, bisect_right(known, (at_ms, float("inf")))), len(known) - 1)
        (before_ms, low), (after_ms, high) = known[after - 1], known[after]
        value = low + (high - low) * (at_ms - before_ms) / (after_ms - before_ms)
        return round(value, field.decimals)


def _create(airport: DemoStation) -> Station:
    station = Station.objects.create(
        name=airport.name,
        mac=airport.mac,
        place="New York",
        latitude=airport.latitude,
        longitude=airport.longitude,
        elevation_m=airport.elevation_m,
        timezone="America/New_York",
        on_map=True,
        simulated=True,
        notes="Replays the observations of 2013. Made by load_demo.",
    )
    station.fields.create(number=2, name="humidity", unit="%", decimals=0, smallest=0, largest=100)
    station.fields.create(number=3, name="pressure", unit="hPa", decimals=1, smallest=850, largest=1100)
    return station


def _recorded(airport: DemoStation, station: Station) -> Iterator[Measurement]:
    with (FOLDER / airport.file).open(newline="") as lines:
        yield from (each for each in ReadingsFile(station, lines) if isinstance(each, Measurement))


def _in_year(observation: Measurement, year: int) -> Measurement:
    moment = from_millis(observation.measured_at_ms).astimezone(UTC).replace(year=year)
    return observation._replace(measured_at_ms=to_millis(moment))
