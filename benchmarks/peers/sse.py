"""freetemp with server-sent events beside it, as an experiment: `/events/<station>/` streams a station's newest value.

One thread looks into the database four times a second and wakes the waiting streams. Each stream occupies one of the
server's threads for as long as it lasts.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from functools import cache
from time import sleep
from typing import Any

from freetemp.wsgi import application as freetemp

APP = "benchmarks.peers.sse"
PREFIX = "/events/"
LOOK_EVERY_S = 0.25
SIGN_OF_LIFE_S = 15
_NEWEST = "SELECT station_id, newest_at, newest_value FROM stations_field WHERE number = %s"
HEADERS = [("Content-Type", "text/event-stream"), ("Cache-Control", "no-store")]


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    path: str = environ["PATH_INFO"]
    if not path.startswith(PREFIX):
        return freetemp(environ, start_response)
    start_response("200 OK", HEADERS)
    return _events(int(path.removeprefix(PREFIX).strip("/")))


class _Newest(threading.Thread):
    """Knows each station's newest value of its first field."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.values: dict[int, tuple[int, float]] = {}
        self.changed = threading.Condition()
        self.start()

    def run(self) -> None:
        from freetemp.sql import execute

        while True:
            rows = execute(
                "SELECT station_id, newest_at, newest_value FROM stations_field WHERE number = %s", [1]
            ).returned
            values = {station: (at, value) for station, at, value in rows if at}
            if values != self.values:
                with self.changed:
                    self.values = values
                    self.changed.notify_all()
            sleep(LOOK_EVERY_S)


@cache
def _newest() -> _Newest:
    """Return this process's instance. It begins with the first stream, after gunicorn's fork."""
    return _Newest()


def _events(station: int) -> Iterator[bytes]:
    newest, told = _newest(), None
    yield b":\n\n"
    while True:
        with newest.changed:
            newest.changed.wait_for(lambda told=told: newest.values.get(station) != told, SIGN_OF_LIFE_S)
        now = newest.values.get(station)
        yield b":\n\n" if now == told else f"data: {json.dumps(now)}\n\n".encode()
        told = now
