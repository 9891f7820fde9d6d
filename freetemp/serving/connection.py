"""A client's connection, as the worker's loop keeps it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

from freetemp.serving.answer import Answer
from freetemp.serving.arrival import Arrival, MostBytes, State
from freetemp.serving.limits import Limits, Pace


class Connection:
    """A connection, with its next request and its last answer. gunicorn uses `sock`, `client` and `server`."""

    def __init__(self, raw: socket.socket, client: Any, server: Any, limits: Limits, most_bytes: MostBytes) -> None:
        self.raw, self.client, self.server = raw, client, server
        self._limits, self._most_bytes = limits, most_bytes
        self.sock = self.answer = Answer(raw, limits)
        self.next: Callable[[Connection], None] | None = None  # What to do when the client has done something.
        self.expires_at = 0.0  # By then it must have been done.
        self.held = 0  # Bytes in memory.
        self.keeps = False  # Another request may follow.
        self.expect(b"", time.monotonic())

    def expect(self, rest: bytes, now: float) -> None:
        """Expect another request. `rest` is what has come of it already."""
        self.arrival = Arrival(rest, self._limits.head_bytes, self._most_bytes)
        self.state = State.ARRIVING
        self.pace = Pace(self._limits, now)
        self.rest = b""

    def receive(self, now: float) -> bool:
        """Take what has come. Return False if nothing will come any more. Raises BlockingIOError if nothing has."""
        data = self.raw.recv(65_536)
        if not self.arrival.data:
            self.pace = Pace(self._limits, now)
        self.pace.moved(len(data), now)
        self.arrival.add(data)
        return bool(data)
