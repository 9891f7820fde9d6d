"""Three stations with a real year of data, to see freetemp at work before there is a board."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

from django.db import transaction

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.calendar.days import midnight
from readings.calendar.span import HOUR_MS, Span
from readings.demo.weather import Weather
from readings.files.csv_import import ReadingsFile
from readings.ingest.reports import Measurement
from stations.models import Station

FOLDER = Path(__file__).parent
HISTORY = timedelta(days=365)
DENSE = timedelta(days=8)
AROUND = timedelta(days=30)  # The observations before and after that a curve may need: some are missing for a day.
MINUTE_MS = 60_000


@dataclass(frozen=True)
class DemoStation:
    """An airport with observations to replay: each at its day and hour of the year, in any year."""

    name: str
    file: str
    mac: str  # A locally administered address: no board has it.
    latitude: float
    longitude: float
    elevation_m: float
    outages: tuple[
        tuple[timedelta, timedelta], ...
    ] = ()  # How long ago each began when the history ends, and its length.
    has_wind_and_rain: bool = False


# What gaps look like: the WiFi was off for a while this week, and the board was elsewhere for some days in the year.
A_NIGHT = ((timedelta(days=3, hours=5), timedelta(minutes=100)),)
A_TRIP = ((timedelta(days=71), timedelta(days=3)),)
AIRPORTS = [
    DemoStation("Newark Airport (demo)", "newark.csv", "02:00:00:00:00:01", 40.6925, -74.168667, 5.5),
    DemoStation("JFK Airport (demo)", "jfk.csv", "02:00:00:00:00:02", 40.639751, -73.778925, 4.0, A_NIGHT),
    DemoStation(
        *("La Guardia Airport (demo)", "la-guardia.csv", "02:00:00:00:00:03", 40.777245, -73.872608, 6.4, A_TRIP),
        has_wind_and_rain=True,
    ),
]


def load(airport: DemoStation, now: datetime) -> tuple[Station, int]:
    """Make a demo station unless it exists, and store its weather from the newest stored reading until now.

    Returns the station and how many readings were new.
    """
    with transaction.atomic():
        station = Station.objects.filter(mac=airport.mac).first() or _create(airport)
        # Older demos did not say that it is at sea level.
        station.fields.filter(number=3, name="pressure").update(name="sea-level pressure")
        if airport.has_wind_and_rain:
            _add_wind_and_rain(station)
        fields = list(station.fields.all())
        start = min((field.newest_at or now - HISTORY for field in fields), default=now)
        known = Weather(fields, observations(airport, station, start - AROUND, now + AROUND))
        newest = {field.number: to_millis(field.newest_at or now - HISTORY) for field in fields}
        past = history(airport, station, known, start, now)
        return station, ingest.store(station, (each for each in past if each.measured_at_ms > newest[each.field]))


def history(
    airport: DemoStation, station: Station, weather: Weather, start: datetime, now: datetime
) -> Iterator[Measurement]:
    """Yield a station's readings: one an hour, and one a minute of the last days, as its board goes on from now.

    Missing are only the airport's outages.
    """
    dense = midnight((now - DENSE).astimezone(station.zone).date(), station.zone)
    outages = [Span(to_millis(now - ago), to_millis(now - ago + length)) for ago, length in airport.outages]
    first_ms, dense_ms, end_ms = to_millis(start), to_millis(dense), to_millis(now)
    hours = range(-(-first_ms // HOUR_MS) * HOUR_MS, min(dense_ms, end_ms), HOUR_MS)
    minutes = range(max(dense_ms, -(-first_ms // MINUTE_MS) * MINUTE_MS), end_ms, MINUTE_MS)
    for moment_ms in chain(hours, minutes):
        if not any(outage.start_ms <= moment_ms < outage.end_ms for outage in outages):
            for number in weather.fields:
                yield Measurement(number, moment_ms, weather.at(number, moment_ms))


def observations(airport: DemoStation, station: Station, start: datetime, end: datetime) -> Iterator[Measurement]:
    """Yield the observations between two moments, as if their year repeated for ever."""
    recorded = list(_recorded(airport, station))
    for year in range(start.year, end.year + 1):
        for each in recorded:
            moved = _in_year(each, year)
            if to_millis(start) <= moved.measured_at_ms < to_millis(end):
                yield moved


def _create(airport: DemoStation) -> Station:
    station = Station(
        name=airport.name,
        mac=airport.mac,
        place="New York",
        latitude=airport.latitude,
        longitude=airport.longitude,
        elevation_m=airport.elevation_m,
        timezone="America/New_York",
        on_map=True,
        simulated=True,
        notes="Replays the observations of 2013, with a curve between them. Made by load_demo.",
    )
    station.register()
    station.fields.create(number=2, name="humidity", unit="%", decimals=0, smallest=0, largest=100)
    station.fields.create(number=3, name="sea-level pressure", unit="hPa", decimals=1, smallest=850, largest=1100)
    return station


def _add_wind_and_rain(station: Station) -> None:
    """Add them to a station, an older demo's too."""
    if not station.fields.filter(number__in=(4, 5)).exists():
        station.fields.create(number=4, name="wind", unit="m/s", decimals=1)
        station.fields.create(number=5, name="rain", unit="mm", decimals=1, quantity="rain_counter")


def _recorded(airport: DemoStation, station: Station) -> Iterator[Measurement]:
    with (FOLDER / airport.file).open(newline="") as lines:
        for part in ReadingsFile(station, lines):
            yield from part.readings.measurements()


def _in_year(observation: Measurement, year: int) -> Measurement:
    moment = from_millis(observation.measured_at_ms).astimezone(UTC).replace(year=year)
    return observation._replace(measured_at_ms=to_millis(moment))
