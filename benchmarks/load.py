"""The load: each request on a connection of its own, as from boards, in one process with an epoll loop."""

from __future__ import annotations

import re
import select
import socket
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter, process_time

DRAIN_S = 15  # Every sent request is waited for: the server stores it even if nobody listens any more.
LENGTH = re.compile(rb"\r\nContent-Length: *([0-9]+)", re.IGNORECASE)
BROKEN = 0  # In place of a status, if the connection broke or nothing came.


@dataclass
class Outcome:
    """The results: the number of answers by status, their times in seconds, and the load on its own core."""

    statuses: Counter[int] = field(default_factory=Counter)
    times_s: list[float] = field(default_factory=list)
    elapsed_s: float = 0.0
    busy: float = 0.0
    server_s: float = 0.0  # The server's processor time, set by the caller.

    def rate(self, status: int) -> float:
        return self.statuses[status] / self.elapsed_s

    def waits_ms(self) -> tuple[float, float]:
        """Return the time within which half of the answers came, and the time for 99 % of them."""
        times = sorted(self.times_s) or [0.0]
        return times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000

    def server_ms(self) -> float:
        """Return the server's processor time per answer: on a shared processor, it tells more than the rate."""
        return self.server_s * 1000 / max(1, self.statuses.total())


class Exchange:
    """A request on its way, and its answer."""

    __slots__ = ("answer", "ended", "rest", "sock", "started")

    def __init__(self, port: int, request: bytes) -> None:
        self.started = perf_counter()
        self.rest = memoryview(request)
        self.answer, self.ended = b"", False
        self.sock = socket.socket()
        self.sock.setblocking(False)
        self.sock.connect_ex(("127.0.0.1", port))

    def send(self) -> bool:
        """Send as much as possible, and tell whether it was all."""
        self.rest = self.rest[self.sock.send(self.rest) :]
        return not self.rest

    def receive(self) -> bool:
        """Receive the available bytes, and tell whether the answer is complete: by its length, like wrk, or its end."""
        part = self.sock.recv(65_536)
        self.answer += part
        self.ended = not part
        return self.ended or self.is_whole()

    def is_whole(self) -> bool:
        head, blank, body = self.answer.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not blank or length is None:
            return bool(blank) and (self.ended or head[9:12] == b"204")
        return len(body) >= int(length[1])

    @property
    def status(self) -> int:
        code = self.answer[9:12]  # HTTP/1.1 200
        return int(code) if code.isdigit() and self.is_whole() else BROKEN


def drive(port: int, requests: Iterator[bytes], *, seconds: float, at_once: int) -> Outcome:
    """Keep `at_once` requests on their way for some seconds or until there are no more, and wait for every answer."""
    return _Loop(port, requests, at_once).run(seconds)


class _Loop:
    def __init__(self, port: int, requests: Iterator[bytes], at_once: int) -> None:
        self.port, self.requests, self.at_once = port, requests, at_once
        self.outcome = Outcome()
        self.open: dict[int, Exchange] = {}

    def run(self, seconds: float) -> Outcome:
        started, worked = perf_counter(), process_time()
        with select.epoll() as self.epoll:
            try:
                for _ in range(self.at_once):
                    self.start()
                while self.open and perf_counter() < started + seconds + DRAIN_S:
                    self.turn(refill=perf_counter() < started + seconds)
            finally:  # On Ctrl-C too: a server waits for open connections.
                for exchange in list(self.open.values()):
                    self.finish(exchange, BROKEN)
        self.outcome.elapsed_s = perf_counter() - started
        self.outcome.busy = (process_time() - worked) / self.outcome.elapsed_s
        return self.outcome

    def start(self) -> None:
        if request := next(self.requests, None):
            exchange = Exchange(self.port, request)
            self.open[exchange.sock.fileno()] = exchange
            self.epoll.register(exchange.sock, select.EPOLLOUT)

    def turn(self, *, refill: bool) -> None:
        for number, _ in self.epoll.poll(0.1):
            exchange = self.open[number]
            try:
                ended = self.advance(exchange)
            except OSError:
                ended, exchange.answer = True, b""
            if ended:
                self.finish(exchange, exchange.status)
                if refill:
                    self.start()

    def advance(self, exchange: Exchange) -> bool:
        if not exchange.rest:
            return exchange.receive()
        if exchange.send():
            self.epoll.modify(exchange.sock, select.EPOLLIN)
        return False

    def finish(self, exchange: Exchange, status: int) -> None:
        self.outcome.statuses[status] += 1
        self.outcome.times_s.append(perf_counter() - exchange.started)
        del self.open[exchange.sock.fileno()]
        exchange.sock.close()


def get(path: str, *headers: str) -> bytes:
    """Return a request in the form that MicroPython's requests sends."""
    return "\r\n".join([f"GET {path} HTTP/1.0", "Host: 127.0.0.1", "Connection: close", *headers, "", ""]).encode()


def post(path: str, body: bytes, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.0", "Host: 127.0.0.1", "Connection: close", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body
