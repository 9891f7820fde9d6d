"""The board of a demo station. It reports through the device URL, like a real one."""

from __future__ import annotations

import base64
import http.client
import json
import random
import secrets
import time
from datetime import datetime

from django.utils import timezone

from freetemp.fields import to_millis
from readings.demo import AROUND, DemoStation, observations
from readings.demo.weather import Weather
from stations.models import Key, Station

TIMEOUT_S = 10
TOLD_FOR_S = 120


class DemoBoard:
    """Acts as one station's board. Its key is issued when it starts, and kept only in memory."""

    def __init__(self, airport: DemoStation, station: Station) -> None:
        self.airport, self.station = airport, station
        self.fields = list(station.fields.all())
        self.key = Key.objects.issue(station)
        self.boot, self.began_s = secrets.randbits(32), time.monotonic()
        self.dbm = -55 - 9 * (station.pk % 4)
        self._look_ahead(timezone.now())

    def report(self, server: str) -> list[str]:
        """Send a value for each field, and how a board like it would be. Return the answers."""
        now = timezone.now()
        if now > self.known_until:
            self._look_ahead(now)
        values = {field.number: self.weather.at(field.number, to_millis(now)) for field in self.fields}
        return [*(self._send(server, number, value) for number, value in values.items()), self._tell(server)]

    def _look_ahead(self, now: datetime) -> None:
        self.known_until = now + AROUND
        around = observations(self.airport, self.station, now - AROUND, now + 2 * AROUND)
        self.weather = Weather(self.fields, around)

    def _send(self, server: str, field: int, value: float) -> str:
        path = f"/update/API_key={self.key}/mac={self.station.mac}/field={field}/data={value}"
        return self._answer(server, "GET", path)

    def _tell(self, server: str) -> str:
        """Say how the board is, in a report without readings: single values have no place for it."""
        user = f"{(self.station.mac or '').replace(':', '')}:{self.key}".encode()
        up_s, flutter = int(time.monotonic() - self.began_s), random.randrange(5)  # noqa: S311 - no secret
        state = {"start": 1, "up": up_s, "rssi": self.dbm - flutter, "heap": 17_424 - 16 * flutter}
        state |= {"reset": 6} if up_s < TOLD_FOR_S else {}
        body = json.dumps({"boot": self.boot, "readings": [], "board": state}).encode()
        basic = f"Basic {base64.b64encode(user).decode()}"
        answer = self._answer(server, "POST", "/api/v1/readings/", body, Authorization=basic)
        return "OK" if '"stored"' in answer else answer

    @staticmethod
    def _answer(server: str, method: str, path: str, body: bytes = b"", **headers: str) -> str:
        connection = http.client.HTTPConnection(server, timeout=TIMEOUT_S)
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer.read(300).decode(errors="replace")
        except OSError as error:
            return f"no answer: {error}"
        finally:
            connection.close()
