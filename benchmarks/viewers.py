"""The cost of a hundred viewers of a station's page, and the delay of new values: polling or server-sent events.

    .venv/bin/python -m benchmarks.viewers [--viewers 100] [--calm 20] [--busy 4]

freetemp runs under gunicorn as shipped, on SQLite, on one core; one process on another core plays all boards and
viewers. First it is calm: twenty stations report a value every twenty seconds, and five viewers have each one's page
open. The viewers' cost is the server's processor time beyond the time without viewers. A value's delay is the time
from its board's OK to a viewer's screen. Then it is busy: boards report as fast as they are answered, beside the
viewers. The page of a station that reports once a minute costs a third. TMPDIR chooses the disk.

- blind: every twenty seconds and without a validator, as pages did before;
- when due: like static/js/parts/polling.js, with the validator of the last answer;
- events: a stream for each viewer (peers/sse.py, an experiment), with gunicorn's 16 threads and with enough for all.
"""

from __future__ import annotations

import argparse
import gzip
import heapq
import json
import os
import random
import re
import select
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, cycle
from pathlib import Path
from time import perf_counter, time
from typing import Any

from benchmarks import machine
from benchmarks.load import Exchange, get
from benchmarks.memory import workers
from benchmarks.peers import LOAD_CORE, freetemp, gunicorn, scratch
from benchmarks.peers.rounds import version_of

STATIONS, INTERVAL_S = 20, 20
SETTLE_S, SPREAD_S, SOONEST_S = 2, 4, 5  # as in static/js/parts/polling.js
EVENTS, PREFIX = "benchmarks.peers.sse", "/events/"
AT_ONCE = 32
ETAG = re.compile(rb"\r\nETag: *([^\r]+)")
EVENT = re.compile(rb"data: (\[.*\])\n\n")


class Stream(Exchange):
    """An answer that never ends; its owner looks at the data that has come."""

    __slots__ = ()

    def is_whole(self) -> bool:
        return False


@dataclass
class Found:
    """The results of one way, calm and busy."""

    server_s: float = 0.0
    late_s: list[float] = field(default_factory=list)
    unseen: int = 0  # values that some viewer was not shown before the end
    waits_ms: list[float] = field(default_factory=list)  # for a board's answer, while it is busy
    stored: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    memory_mb: float = 0.0


class World:
    """The boards and viewers of one server, and their schedule."""

    def __init__(self, port: int, boards: list[freetemp.Board]) -> None:
        self.port, self.boards = port, boards[:STATIONS]
        self.agenda: list[tuple[float, int, Callable[[], None]]] = []
        self.order = count()
        self.open: dict[int, tuple[Exchange, Callable[[Exchange], None]]] = {}
        self.epoll = select.epoll()
        self.told: dict[int, list[tuple[float, float]]] = {board.station: [] for board in self.boards}
        self.found = Found()

    def at(self, moment: float, action: Callable[[], None]) -> None:
        heapq.heappush(self.agenda, (moment, next(self.order), action))

    def send(self, request: bytes, ended: Callable[[Exchange], None], kind: type[Exchange] = Exchange) -> Exchange:
        exchange = kind(self.port, request)
        self.open[exchange.sock.fileno()] = (exchange, ended)
        self.epoll.register(exchange.sock, select.EPOLLOUT)
        return exchange

    def run(self, seconds: float) -> None:
        end = perf_counter() + seconds
        while (now := perf_counter()) < end:
            while self.agenda and self.agenda[0][0] <= now:
                heapq.heappop(self.agenda)[2]()
            next_at = self.agenda[0][0] if self.agenda else end
            for number, _ in self.epoll.poll(max(0, min(next_at, end) - perf_counter())):
                self.advance(*self.open[number])

    def advance(self, exchange: Exchange, ended: Callable[[Exchange], None]) -> None:
        try:
            if exchange.rest:
                if exchange.send():
                    self.epoll.modify(exchange.sock, select.EPOLLIN)
                return
            is_over = exchange.receive()
        except OSError:
            is_over, exchange.answer = True, b""
        if is_over:
            del self.open[exchange.sock.fileno()]
            exchange.sock.close()
        if is_over or isinstance(exchange, Stream):
            ended(exchange)

    def close(self) -> None:
        for exchange, _ in self.open.values():
            exchange.sock.close()
        self.epoll.close()

    def report_calmly(self, board: freetemp.Board, value: float) -> None:
        """Report a value now, and the next one an interval later."""

        def stored(exchange: Exchange) -> None:
            if exchange.status == 200:
                self.told[board.station].append((value, perf_counter()))

        self.send(get(_path(board, value)), stored)
        self.at(perf_counter() + INTERVAL_S, lambda: self.report_calmly(board, round(value + 0.01, 2)))

    def report_busily(self, end: float, boards: Any) -> None:
        def stored(exchange: Exchange) -> None:
            self.found.waits_ms.append((perf_counter() - exchange.started) * 1000)
            self.found.stored += exchange.status == 200
            if perf_counter() < end:
                self.report_busily(end, boards)

        self.send(get(freetemp.path(next(boards), random.randint(2, freetemp.FIELDS))), stored)


class Viewer:
    """A page of one station. `see` gets each value that the page shows."""

    def __init__(self, world: World, station: int, *, validates: bool, when_due: bool) -> None:
        self.world, self.station, self.validates, self.when_due = world, station, validates, when_due
        self.etag, self.heard, self.seen, self.shown = b"", 0.0, -1, 0
        world.at(perf_counter() + random.uniform(0, INTERVAL_S), self.ask)

    def ask(self) -> None:
        known = [f"If-None-Match: {self.etag.decode()}"] if self.etag and self.validates else []
        lines = [f"GET /api/v1/stations/{self.station}/ HTTP/1.0", "Host: 127.0.0.1", "Accept-Encoding: gzip", *known]
        self.world.send("\r\n".join([*lines, "Connection: close", "", ""]).encode(), self.answered)

    def answered(self, exchange: Exchange) -> None:
        head, _, body = exchange.answer.partition(b"\r\n\r\n")
        _count(self.world, str(exchange.status))
        wait_s = float(INTERVAL_S)
        if exchange.status == 200:
            self.etag = found[1] if (found := ETAG.search(head)) else b""
            station = json.loads(gzip.decompress(body) if b"gzip" in head else body)
            self.heard = datetime.fromisoformat(station["last_heard_at"] or "1970-01-01T00:00:00Z").timestamp()
            if newest := station["fields"][0]["newest"]:
                self.see(newest["value"])
        if self.when_due:
            due_s = self.heard + INTERVAL_S + SETTLE_S - time()
            wait_s = max(SOONEST_S, due_s) + random.uniform(0, SPREAD_S)
        self.world.at(perf_counter() + wait_s, self.ask)

    def see(self, value: float) -> None:
        """Note the delay of the newest value, once. Earlier values that were never shown count as unseen."""
        told = self.world.told[self.station]
        index = next((at for at in range(len(told) - 1, -1, -1) if told[at][0] == value), -1)
        if index > self.seen:
            self.world.found.late_s.append(perf_counter() - told[index][1])
            self.seen, self.shown = index, self.shown + 1


class Listener(Viewer):
    """A page that receives events."""

    def ask(self) -> None:
        request = f"GET {PREFIX}{self.station}/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        self.world.send(request, self.answered, Stream)

    def answered(self, exchange: Exchange) -> None:
        for event in EVENT.findall(exchange.answer):
            _count(self.world, "events")
            if told := json.loads(event):
                self.see(told[1])
        exchange.answer = exchange.answer.rpartition(b"\n\n")[2]


@dataclass
class Way:
    """A way in which viewers learn of a new value."""

    make: Callable[[World, int], Viewer] | None
    app: str = freetemp.APP
    threads: int | None = None


def asking(*, validates: bool, when_due: bool) -> Callable[[World, int], Viewer]:
    return lambda world, station: Viewer(world, station, validates=validates, when_due=when_due)


def listening(world: World, station: int) -> Viewer:
    return Listener(world, station, validates=False, when_due=False)


WAYS = {
    "no viewers": Way(None),
    "blind": Way(asking(validates=False, when_due=False)),
    "when due, ETag": Way(asking(validates=True, when_due=True)),
    "events, 16 threads": Way(listening, EVENTS),
    "events, 128 threads": Way(listening, EVENTS, 128),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="What a hundred viewers cost, and how late they see a new value.")
    parser.add_argument("--viewers", type=int, default=100)
    parser.add_argument("--calm", type=float, default=20, help="seconds of calm")
    parser.add_argument("--busy", type=float, default=4, help="seconds of boards that report as fast as they can")
    parser.add_argument("--only", nargs="+", choices=WAYS)
    options = parser.parse_args()
    os.sched_setaffinity(0, {LOAD_CORE})
    with scratch() as directory:
        boards = freetemp.prepare(directory)
        prepare()
        print(f"{datetime.now(UTC):%Y-%m-%d}, {machine(directory)} {version_of('gunicorn')}.", end=" ")
        print(f"{options.viewers} viewers; {options.calm:g} s of calm, {options.busy:g} s busy.\n", flush=True)
        found = {name: measure(name, boards, directory, options) for name in WAYS if name in (options.only or WAYS)}
    print(*report(found, options), sep="\n")


def prepare() -> None:
    from django.db import connection

    from stations.models import Station

    Station.objects.update(interval_s=INTERVAL_S)
    connection.close()


def measure(name: str, boards: list[freetemp.Board], directory: Path, options: argparse.Namespace) -> Found:
    print(name, end="\n", file=sys.stderr, flush=True)
    way = WAYS[name]
    with gunicorn(way.app, directory, {"WEB_THREADS": str(way.threads)} if way.threads else {}) as server:
        world = World(server.port, boards)
        for number, board in enumerate(world.boards):
            at = perf_counter() + number * INTERVAL_S / STATIONS
            world.at(at, lambda board=board, value=float(number): world.report_calmly(board, value))
        stations = [world.boards[n % STATIONS].station for n in range(options.viewers if way.make else 0)]
        viewers = [way.make(world, station) for station in stations if way.make]
        world.run(INTERVAL_S)  # By then every viewer has come, and every key was used.
        world.found = Found()
        start, worked = {viewer: viewer.shown for viewer in viewers}, server.processor_s()
        before = sum(map(len, world.told.values()))
        world.run(options.calm)
        found = world.found
        found.server_s = server.processor_s() - worked
        told = (sum(map(len, world.told.values())) - before) * options.viewers // STATIONS
        found.unseen = told - sum(viewer.shown - start[viewer] for viewer in viewers) if viewers else 0
        end = perf_counter() + options.busy
        for _ in range(AT_ONCE):
            world.report_busily(end, cycle(boards[STATIONS:]))
        world.run(options.busy)
        found.memory_mb = max(each.resident for each in workers(server.pid))
        world.close()
    return found


def report(found: dict[str, Found], options: argparse.Namespace) -> list[str]:
    """Return a table in Markdown."""
    alone = found.get("no viewers", Found()).server_s
    rows = [
        "| | ms of processor a viewer and minute | late in s, half | 95 % | unseen | values/s of boards, busy"
        " | answer in ms, half | 99 % | MB of the worker | answers, calm |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for name, each in found.items():
        own = (each.server_s - alone) / options.viewers / options.calm * 60_000
        cells = [f"{own:.1f}", *_quantiles(each.late_s, (50, 95), 1), f"{each.unseen:,}"]
        cells += [
            f"{each.stored / options.busy:,.0f}",
            *_quantiles(each.waits_ms, (50, 99), 0),
            f"{each.memory_mb:.0f}",
        ]
        rows.append(f"| {name} | {' | '.join(cells)} | {each.answers} |")
    return rows


def _quantiles(values: list[float], parts: tuple[int, ...], digits: int) -> list[str]:
    if len(values) < 2:
        return ["-"] * len(parts)
    cuts = statistics.quantiles(values, n=100)
    return [f"{cuts[part - 1]:,.{digits}f}" for part in parts]


def _path(board: freetemp.Board, value: float) -> str:
    return f"/update/API_key={board.key}/mac={board.mac}/field=1/data={value}"


def _count(world: World, what: str) -> None:
    world.found.answers[what] = world.found.answers.get(what, 0) + 1


if __name__ == "__main__":
    main()
