"""Report for the demo stations, as their boards would: through the device URL, once a minute."""

from __future__ import annotations

import http.client
import time
from typing import Any
from urllib.parse import urlsplit

from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from readings.demo import AIRPORTS, DemoStation, Weather
from stations.models import Key, Station

TIMEOUT_S = 10


class DemoBoard:
    """Plays one station's board. Its key is issued when it starts, and held in memory only."""

    def __init__(self, airport: DemoStation, station: Station) -> None:
        self.airport, self.station = airport, station
        self.fields = list(station.fields.all())
        self.key = Key.objects.issue(station)
        self.weather = Weather(airport, station, timezone.now())

    def report(self, server: str) -> list[str]:
        """Send a value for each field, and return what was answered."""
        now = timezone.now()
        if now > self.weather.until:
            self.weather = Weather(self.airport, self.station, now)
        return [self._send(server, field.number, self.weather.at(field, now)) for field in self.fields]

    def _send(self, server: str, field: int, value: float) -> str:
        connection = http.client.HTTPConnection(server, timeout=TIMEOUT_S)
        try:
            connection.request("GET", f"/update/API_key={self.key}/mac={self.station.mac}/field={field}/data={value}")
            answer = connection.getresponse()
            return answer.read(300).decode(errors="replace")
        except OSError as error:
            return f"no answer: {error}"
        finally:
            connection.close()


class Command(BaseCommand):
    help = "Report for the demo stations until it is stopped. Their history comes from load_demo."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="The server's address.")
        parser.add_argument("--interval", type=float, default=60, help="Seconds between two reports.")

    def handle(self, *args: Any, url: str, interval: float, **options: Any) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.netloc:
            raise CommandError("--url is like http://127.0.0.1:8000: boards speak plain HTTP.")
        stations = {station.mac: station for station in Station.objects.filter(simulated=True).with_fields()}
        boards = [DemoBoard(airport, stations[airport.mac]) for airport in AIRPORTS if airport.mac in stations]
        if not boards:
            raise CommandError("There is no demo station: run load_demo first.")
        while True:
            for board in boards:
                for answer in board.report(parts.netloc):
                    if answer != "OK":
                        self.stderr.write(f"{board.station}: {answer}")
            time.sleep(interval)
