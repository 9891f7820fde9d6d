"""The address of boards that are led: their requests wait until the one thread that leads them has the answer."""

from __future__ import annotations

import queue
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

SOON_S = 0.002


@dataclass
class Request:
    """A board's report. `answers` takes the bytes of one answer."""

    path: str
    user: str  # its Authorization
    body: bytes
    answers: queue.Queue[bytes] = field(default_factory=queue.Queue)


class Gate(socketserver.ThreadingTCPServer):
    """Hands requests to the thread that asks for them. While it is shut, it hangs up on whoever comes."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.is_shut = False
        self.requests: queue.Queue[Request] = queue.Queue()

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, make: Callable[[Request], bytes]) -> None:
        """Answer what is there, or comes within a moment."""
        try:
            request = self.requests.get(timeout=SOON_S)
        except queue.Empty:
            return
        request.answers.put(make(request))


class _Handler(socketserver.StreamRequestHandler):
    server: Gate

    def handle(self) -> None:
        if self.server.is_shut:
            return
        try:
            line, *headers = iter(lambda: self.rfile.readline().strip().decode(), "")
            known = {name.lower(): value for name, _, value in (each.partition(": ") for each in headers)}
            body = self.rfile.read(int(known["content-length"]))
            request = Request(line.split()[1], known["authorization"], body)
            self.server.requests.put(request)
            self.wfile.write(request.answers.get())
        except (OSError, ValueError, IndexError, KeyError):  # The board lost its power meanwhile.
            return
