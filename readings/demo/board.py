"""The board of a demo station. It reports through the device URL, like a real one."""

from __future__ import annotations

import http.client
from datetime import datetime

from django.utils import timezone

from freetemp.fields import to_millis
from readings.demo import AROUND, DemoStation, observations
from readings.demo.weather import Weather
from stations.models import Key, Station

TIMEOUT_S = 10


class DemoBoard:
    """Acts as one station's board. Its key is issued when it starts, and kept only in memory."""

    def __init__(self, airport: DemoStation, station: Station) -> None:
        self.airport, self.station = airport, station
        self.fields = list(station.fields.all())
        self.key = Key.objects.issue(station)
        self._look_ahead(timezone.now())

    def report(self, server: str) -> list[str]:
        """Send a value for each field, and return the answers."""
        now = timezone.now()
        if now > self.known_until:
            self._look_ahead(now)
        values = {field.number: self.weather.at(field.number, to_millis(now)) for field in self.fields}
        return [self._send(server, number, value) for number, value in values.items()]

    def _look_ahead(self, now: datetime) -> None:
        self.known_until = now + AROUND
        around = observations(self.airport, self.station, now - AROUND, now + 2 * AROUND)
        self.weather = Weather(self.fields, around)

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
