"""Connections pass from the processes that accept them to those that answer people."""

from __future__ import annotations

import socket

from freetemp.serving.arrival import MostBytes
from freetemp.serving.connection import Connection
from freetemp.serving.limits import Limits

_MOST_BYTES = 256 * 1024  # More than a process has read of a request when it knows whose it is.


class Handover:
    """A channel that gunicorn's first process makes, and all its workers inherit."""

    def __init__(self) -> None:
        self.giving, self.taking = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.giving.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * _MOST_BYTES)
        self.giving.setblocking(False)
        self.taking.setblocking(False)

    def give(self, connection: Connection) -> bool:
        """Send a connection with what has come of its request. Return False if it has to wait."""
        try:
            socket.send_fds(self.giving, [bytes(connection.arrival.data)], [connection.raw.fileno()])
        except BlockingIOError:
            return False
        return True

    def take(self, limits: Limits, most_bytes: MostBytes) -> Connection | None:
        """Return a connection, or None if its client is gone already. Raises BlockingIOError if there is none."""
        data, files, _, _ = socket.recv_fds(self.taking, _MOST_BYTES, 1)
        if not files:  # This process has as many as it may have.
            return None
        raw = socket.socket(fileno=files[0])
        raw.set_inheritable(False)
        try:
            connection = Connection(raw, raw.getpeername(), raw.getsockname(), limits, most_bytes)
        except OSError:
            raw.close()
            return None
        connection.arrival.add(data)
        return connection
