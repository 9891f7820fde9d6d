"""A server for boards that stores readings by the protocol's rules, and fails on request."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

BEGAN_S = 1_795_435_200  # 2026-11-23T12:00:00Z: when the board's world began
SILENT = b"<silent>"
DRIP = b"<drip>"


@dataclass(frozen=True)
class Reading:
    """One stored reading; `at` is in Unix seconds of the board's world."""

    boot: int
    seq: int
    field: int
    value: float
    at: float


@dataclass(frozen=True)
class Request:
    head: str
    report: dict[str, Any]
    at: float

    @property
    def user(self) -> str:
        token = self.head.partition("Authorization: Basic ")[2].split()[0]
        return b64decode(token).decode()


def answer(status: int, body: str = "", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", body]).encode()


class Server(socketserver.ThreadingTCPServer):
    """`world` is the board's: time passes here as it does there. `behave`, if set, answers instead.

    behave(request) returns the bytes of an answer, None for the usual one, SILENT (alone or behind an answer) to keep
    the connection open, or DRIP for an answer that comes byte by byte and never ends.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, world: Path, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.world = world
        self.port = int(self.server_address[1])
        self.behave: Callable[[Request], bytes | None] | None = None
        self.requests: list[Request] = []
        self.readings: list[Reading] = []
        self.troubles: list[str] = []
        self._highest: dict[int, int] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def now(self) -> float:
        """Return the Unix seconds of the board's world."""
        passed = self.world / "passed_ms"
        return BEGAN_S + (int(passed.read_text()) / 1000 if passed.exists() else 0)

    def take(self, head: str, body: bytes) -> bytes:
        with self._lock:
            request = Request(head, json.loads(body), self.now())
            self.requests.append(request)
            given = self.behave(request) if self.behave else None
            return self.store(request) if given is None else given

    def store(self, request: Request) -> bytes:
        """Store readings above the highest seq of their boot, and answer as freetemp does."""
        report = request.report
        if "trouble" in report:
            self.troubles.append(report["trouble"])
        samples = report["readings"]
        assert [each["seq"] for each in samples] == sorted({each["seq"] for each in samples}), samples
        new = [each for each in samples if each["seq"] > self._highest.get(report["boot"], 0)]
        for each in new:
            at = each.get("at", request.at - each.get("age", 0))
            self.readings.append(Reading(report["boot"], each["seq"], each["field"], float(each["value"]), at))
            self._highest[report["boot"]] = each["seq"]
        receipt = {
            "stored": len(new),
            "duplicate": len(samples) - len(new),
            "rejected": [],
            "ack": samples[-1]["seq"] if samples else None,
            "time": int(request.at),
        }
        return answer(200, json.dumps(receipt), Content_Type="application/json")


class _Handler(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        try:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                line = self.rfile.readline()
                if not line:
                    return
                head += line
            length = int(head.lower().partition(b"content-length: ")[2].split()[0])
            given = self.server.take(head.decode(), self.rfile.read(length))
            if given == DRIP:
                self._drip()
            self.wfile.write(given.removesuffix(SILENT))
            if given.endswith(SILENT):
                self.rfile.read(1)
        except OSError:  # The board hung up, or lost its power.
            return

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            self.wfile.write(b"x")
            time.sleep(0.1)
