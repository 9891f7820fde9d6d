"""The board of a demo station. It reports through the device URL, like a real one."""

from __future__ import annotations

import http.client

from django.utils import timezone

from readings.demo import DemoStation, Weather
from stations.models import Key, Station

TIMEOUT_S = 10


class DemoBoard:
    """Acts as one station's board. Its key is issued when it starts, and kept only in memory."""

    def __init__(self, airport: DemoStation, station: Station) -> None:
        self.airport, self.station = airport, station
        self.fields = list(station.fields.all())
        self.key = Key.objects.issue(station)
        self.weather = Weather(airport, station, timezone.now())

    def report(self, server: str) -> list[str]:
        """Send a value for each field, and return the answers."""
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
