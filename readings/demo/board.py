"""The board of a demo station: it reports through the device URL, as a real one does."""

from __future__ import annotations

import http.client

from django.utils import timezone

from readings.demo import DemoStation, Weather
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
