"""What the worker's loop does with connections that wait for their clients, and how each wait ends."""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from freetemp.serving.connection import Connection
from freetemp.serving.limits import Limits

SWEEP_S = 0.5
RESET = struct.pack("ii", 1, 0)


class Waits(ThreadWorker):  # type: ignore[misc]
    """A worker whose connections wait in its loop. Each has `next` as what to do when its client has done something.

    Every wait has an end, and if there are too many connections, the longest wait ends now.
    """

    limits = Limits()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting: dict[Connection, None] = {}  # For their clients, the longest-waiting first.
        self.held_bytes = 0
        self.next_sweep_at = 0.0

    def receive(self, connection: Connection) -> None:
        """Take what has come of a request."""
        raise NotImplementedError

    def refuse(self, connection: Connection, status: int, reason: str, line: str) -> None:
        """Answer for the application."""
        raise NotImplementedError

    def wait(self, connection: Connection, events: int, then: Callable[[Connection], None], expires_at: float) -> None:
        connection.expires_at = expires_at
        if connection.next is None:
            self.waiting[connection] = None
            self.poller.register(connection.raw, events, partial(self.go_on, connection))
        elif connection.next != then:
            self.poller.modify(connection.raw, events, partial(self.go_on, connection))
        connection.next = then

    def stop_waiting(self, connection: Connection) -> None:
        if connection.next is not None:
            connection.next = None
            del self.waiting[connection]
            self.poller.unregister(connection.raw)

    def go_on(self, connection: Connection, _raw: socket.socket) -> None:
        if connection.next is not None:  # It may have been closed since the loop looked.
            self.guard(connection.next, connection)

    def guard(self, do: Callable[[Connection], None], connection: Connection) -> None:
        """Do something with a connection. It costs no more than that connection."""
        try:
            do(connection)
        except OSError:
            self.close(connection)
        except Exception:
            self.log.exception("Error in the loop")
            self.close(connection)

    def hold(self, connection: Connection, count: int) -> bool:
        """Note the bytes in memory. If it is too much, end the largest wait, and return whether it is another's."""
        self.held_bytes += count - connection.held
        connection.held = count
        if self.held_bytes > self.limits.held_bytes and self.waiting:
            self.close(max(self.waiting, key=lambda each: each.held))
        return connection.raw.fileno() >= 0

    def close(self, connection: Connection) -> None:
        if connection.raw.fileno() < 0:
            return
        self.stop_waiting(connection)
        if connection.answer.unsent:  # Else the kernel would keep it for a reader that stands still.
            with contextlib.suppress(OSError):
                connection.raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        connection.raw.close()
        self.nr_conns -= 1
        self.hold(connection, 0)

    def murder_keepalived(self, force: bool = False) -> None:
        """End every wait that has lasted too long."""
        now = time.monotonic()
        if force or now >= self.next_sweep_at:
            self.next_sweep_at = now + SWEEP_S
            for connection in [each for each in self.waiting if force or each.expires_at <= now]:
                self.guard(self.expire, connection)

    def expire(self, connection: Connection) -> None:
        if connection.next != self.receive or not connection.arrival.data:
            self.close(connection)
            return
        self.refuse(connection, 408, "Request Timeout", connection.arrival.missing())

    def _cap_keepalive(self, deadline: float) -> None:
        for connection in self.waiting:
            if connection.next == self.receive and not connection.arrival.data:
                connection.expires_at = min(connection.expires_at, deadline)

    def make_room(self) -> bool:
        """Close the connection that has waited longest for its client: a board's request comes at once."""
        longest = next(iter(self.waiting), None)
        if longest is not None:
            self.close(longest)
        return longest is not None
