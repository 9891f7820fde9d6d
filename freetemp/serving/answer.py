"""What a thread writes to a client, in place of the client's socket."""

from __future__ import annotations

import select
import socket
import time
from typing import IO, Any

from freetemp.serving.limits import Limits, Pace

_TOGETHER_BYTES = 65_536  # A head and a short body leave in one packet.


class Answer:
    """An answer, sent as fast as its client takes it. No thread waits for a client that has a page or less to take.

    It has the methods of a socket that gunicorn calls. What is unsent when the thread is done, the worker's loop sends.
    """

    def __init__(self, sock: socket.socket, limits: Limits) -> None:
        self.unsent = bytearray()
        self.pace: Pace | None = None  # Of the client, as long as it has not taken everything.
        self._sock, self._limits = sock, limits

    def sendall(self, data: bytes) -> None:
        """Send, and wait if the client has far more to take. Raises TimeoutError if it does not take it."""
        self.unsent += data
        if len(self.unsent) >= _TOGETHER_BYTES:
            self.flush()
        while len(self.unsent) > self._limits.unsent_bytes:
            self._wait()
            self.flush()

    def sendfile(self, file: IO[bytes], offset: int = 0, count: int | None = None) -> None:
        file.seek(offset)
        while count is None or count > 0:
            data = file.read(_TOGETHER_BYTES if count is None else min(count, _TOGETHER_BYTES))
            if not data:
                return
            self.sendall(data)
            count = None if count is None else count - len(data)

    def flush(self) -> None:
        """Send what the client takes at this moment."""
        now = time.monotonic()
        try:
            sent = self._sock.send(self.unsent) if self.unsent else 0
        except BlockingIOError:
            sent = 0
        del self.unsent[:sent]
        if not self.unsent:
            self.pace = None
        elif self.pace is None:
            self.pace = Pace(self._limits, now)
        elif sent:
            self.pace.moved(sent, now)

    def _wait(self) -> None:
        ends_at = self.pace.ends_at() if self.pace else 0.0
        poll = select.poll()
        poll.register(self._sock, select.POLLOUT)
        if not poll.poll(max(0.0, ends_at - time.monotonic()) * 1000):
            raise TimeoutError("the client does not read its answer")

    # The loop alone closes a connection and reads from it.

    def gettimeout(self) -> float:
        return 0.0

    def settimeout(self, value: Any) -> None: ...

    def shutdown(self, how: int) -> None: ...

    def recv(self, size: int) -> bytes:
        return b""

    def close(self) -> None: ...
