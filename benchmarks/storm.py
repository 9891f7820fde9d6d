"""Do boards get through while others are slow, silent or gone? Servers in calm and in storm, one after the other.

    .venv/bin/python -m benchmarks.storm [--only NAME ...] [--kinds KIND ...] [--stuck 200] [--seconds 15]

16 boards report once a second, each value on a connection of its own. They do so alone first, and then beside 200
connections of each kind that is stuck: silent ones, half requests, readers that stand still, clients that are gone.
The table has the boards' answers and waits, and when the last stuck connection was gone from the server. A board gives
up after 10 s, as the shipped program does. Gone means that no process has the connection any more, by /proc/net/tcp.
The load is one process, on a core of its own. TMPDIR chooses the disk.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import socket
import statistics
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from benchmarks import ask, machine
from benchmarks.export import FILL, START
from benchmarks.peers import LOAD_CORE, Running, freetemp, granian, gunicorn, scratch, serving
from benchmarks.peers.rounds import version_of
from tests.run import nginx as nginx_program
from tests.server import free_port

BOARDS = 16
PATIENCE_S = 10
WATCHED_S = 45
TRICKLE_S = 0.5
READINGS = 600_000
BIG_PAGE = b"/"
EXPORT = b"/stations/1/readings.csv?period=all"
POST = b"POST /api/v1/readings/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 200000\r\n\r\n"
ESTABLISHED = "01"


class Kind(NamedTuple):
    """A kind of stuck connection: what it sends at first, what it sends now and then, and whether it is gone then."""

    first: bytes
    trickle: bytes = b""
    is_gone: bool = False


HEAD = b"GET /update/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
KINDS = {
    "silent": Kind(b""),
    "one byte": Kind(b"G"),
    "headers trickle": Kind(HEAD, b"X: y\r\n"),
    "half a body": Kind(POST + b"[" * 100_000),
    "body trickles": Kind(POST, b"["),
    "page not read": Kind(b"GET " + BIG_PAGE + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
    "download not read": Kind(b"GET " + EXPORT + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
    "gone": Kind(HEAD, is_gone=True),
}


class Stuck:
    """Connections of one kind, opened at once."""

    def __init__(self, port: int, kind: Kind, count: int) -> None:
        self.kind = kind
        self.sockets = [self._open(port) for _ in range(count)]
        self.ports = {each.getsockname()[1] for each in self.sockets}

    def _open(self, port: int) -> socket.socket:
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        sock.settimeout(PATIENCE_S)
        sock.connect(("127.0.0.1", port))
        sock.setblocking(False)
        self._send(sock, self.kind.first)
        if self.kind.is_gone:
            hear_nothing(sock)
        return sock

    def trickle(self) -> None:
        if self.kind.trickle:
            for sock in self.sockets:
                self._send(sock, self.kind.trickle)

    def _send(self, sock: socket.socket, data: bytes) -> None:
        with contextlib.suppress(OSError):
            sock.send(data)

    def close(self) -> None:
        for sock in self.sockets:
            sock.close()


def hear_nothing(sock: socket.socket) -> None:
    """Have the kernel drop whatever comes for a socket, acknowledgements too: its client has vanished."""
    import ctypes

    drop = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # BPF: return 0
    sock.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HL", 1, ctypes.addressof(drop)))  # SO_ATTACH_FILTER


def held_by_a_process(port: int, clients: set[int]) -> int:
    """Return how many of the connections from these clients' ports a server on this port still has."""
    count = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        ours, theirs = (int(fields[each].rpartition(":")[2], 16) for each in (1, 2))
        is_held = fields[3] == ESTABLISHED or fields[9] != "0"  # An inode; without one, the kernel alone has it.
        count += ours == port and theirs in clients and is_held
    return count


class Board(Thread):
    """Reports once a second, and records its waits in ms; PATIENCE_S without an answer is none."""

    def __init__(self, port: int, board: freetemp.Board, until: float, offset_s: float) -> None:
        super().__init__(daemon=True)
        self.port, self.board, self.until, self.at = port, board, until, time.monotonic() + offset_s
        self.waits_ms: list[float] = []
        self.asked = 0

    def run(self) -> None:
        for field in itertools.cycle(range(1, freetemp.FIELDS + 1)):
            if self.at >= self.until:
                return
            time.sleep(max(0.0, self.at - time.monotonic()))
            self.at += 1
            self.asked += 1
            started = time.perf_counter()
            if self.reports(field):
                self.waits_ms.append((time.perf_counter() - started) * 1000)

    def reports(self, field: int) -> bool:
        request = f"GET {freetemp.path(self.board, field)} HTTP/1.0\r\nHost: x\r\n\r\n".encode()
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as connection:
                connection.sendall(request)
                answer = b"".join(iter(lambda: connection.recv(4_096), b""))
        except OSError:
            return False
        return answer.startswith(b"HTTP/1.") and answer.endswith(b"\r\n\r\nOK")


class Weather(NamedTuple):
    """The boards' waits in ms, out of `asked`, and when the last stuck connection was gone: None if it never was."""

    waits_ms: list[float]
    asked: int
    gone_s: float | None = 0.0

    def cells(self, calm: Weather | None = None) -> list[str]:
        waits = sorted(self.waits_ms) or [float("nan")]
        half, p95 = statistics.median(waits), waits[len(waits) * 95 // 100]
        cells = [f"{len(self.waits_ms)} of {self.asked}", f"{half:,.1f}", f"{p95:,.0f}", f"{waits[-1]:,.0f}"]
        if calm:
            gone = f"over {WATCHED_S}" if self.gone_s is None else f"{self.gone_s:.0f}"
            cells[2:2] = [f"{half / statistics.median(calm.waits_ms):.1f}"]
            cells.append(gone)
        return cells


def measure(port: int, boards: list[freetemp.Board], seconds: float, stuck: Stuck | None = None) -> Weather:
    started = time.monotonic()
    threads = [Board(port, board, started + seconds, n / BOARDS) for n, board in enumerate(boards[:BOARDS])]
    for each in threads:
        each.start()
    gone_s = watch(port, stuck, started) if stuck else 0.0
    for each in threads:
        each.join()
    return Weather([wait for each in threads for wait in each.waits_ms], sum(each.asked for each in threads), gone_s)


def watch(port: int, stuck: Stuck, started: float) -> float | None:
    """Keep the connections stuck until the server has none of them. Return the seconds, or None if it keeps them."""
    while (elapsed := time.monotonic() - started) < WATCHED_S:
        if not held_by_a_process(port, stuck.ports):
            return elapsed
        stuck.trickle()
        time.sleep(TRICKLE_S)
    return None


Serve = Callable[[], AbstractContextManager[Running]]


def contenders(directory: Path) -> dict[str, Serve]:
    found: dict[str, Serve] = {
        "gunicorn, gthread": partial(gunicorn, freetemp.APP, directory, {"GUNICORN_CMD_ARGS": "-k gthread"}),
        "gunicorn, freetemp's worker": partial(gunicorn, freetemp.APP, directory, {}),
        "Granian": partial(granian, directory),
        "waitress": partial(waitress, directory),
    }
    if nginx_program():
        for worker in ("gthread", "freetemp's worker"):
            found[f"nginx, {worker}"] = partial(behind_nginx, directory, found[f"gunicorn, {worker}"])
    return found


@contextmanager
def waitress(directory: Path) -> Iterator[Running]:
    from bootstrap import WAITRESS_LIMITS

    port = free_port()
    command = [sys.executable, "-m", "waitress", f"--listen=127.0.0.1:{port}", *WAITRESS_LIMITS]
    with serving([*command, "freetemp.wsgi:application"], port, directory / "waitress.log") as running:
        yield running


@contextmanager
def behind_nginx(directory: Path, serve: Serve) -> Iterator[Running]:
    from tests.deploy.nginx import Nginx

    with serve() as server, ExitStack() as stack:
        folder = directory / f"nginx-{server.port}"
        folder.mkdir()
        front = stack.enter_context(Nginx(folder, server.port, without_tls=True))
        yield Running(front.port, server.pid)


def prepare(boards: list[freetemp.Board]) -> None:
    """Fill a station for a download that no socket's buffer takes, and use each key for the first time."""
    from django.db import connection

    values = {"station": boards[0].station, "field": 1, "start_ms": int(START.timestamp()) * 1000}
    ask(connection, sqlite=FILL["sqlite"].format(**values, every_ms=60_000, last=READINGS - 1))
    connection.close()


def main() -> None:
    chosen = arguments()
    os.sched_setaffinity(0, {LOAD_CORE})
    with scratch() as directory:
        boards = freetemp.prepare(directory)
        prepare(boards)
        print(heading(directory, chosen), flush=True)
        servers = {name: each for name, each in contenders(directory).items() if name in (chosen.only or [name])}
        for kind in chosen.kinds or KINDS:
            for name, serve in servers.items():
                print(f"| {' | '.join(row(name, kind, serve, boards, chosen))} |", flush=True)


def row(name: str, kind: str, serve: Serve, boards: list[freetemp.Board], chosen: argparse.Namespace) -> list[str]:
    """Measure one server with one kind. It is a fresh one: a server that never recovers would spoil the next kind."""
    with serve() as server:
        measure(server.port, boards, 3)
        calm = measure(server.port, boards, chosen.seconds)
        stuck = Stuck(server.port, KINDS[kind], chosen.stuck)
        try:
            stormy = measure(server.port, boards, chosen.seconds, stuck)
        finally:
            stuck.close()
    return [kind, name, *calm.cells()[1:3], *stormy.cells(calm)]


def heading(directory: Path, chosen: argparse.Namespace) -> str:
    columns = "| kind | server | calm: ms, half | 95 % | storm: answers | ms, half | : calm | 95 % | most | gone, s |"
    load = f"load {os.getloadavg()[0]:.1f}"
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {machine(directory)} {version_of('gunicorn')}."
        f" {chosen.stuck} stuck connections, {BOARDS} boards for {chosen.seconds:g} s; {load}.\n\n"
        f"{columns}\n|---|---|{'---:|' * 8}"
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Do boards get through while others are slow, silent or gone?")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="leave out the other servers")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, help="leave out the other kinds")
    parser.add_argument("--stuck", type=int, default=200, help="connections of each kind")
    parser.add_argument("--seconds", type=float, default=15)
    return parser.parse_args()


if __name__ == "__main__":
    main()
