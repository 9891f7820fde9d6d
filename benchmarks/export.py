"""The cost of a file of millions of readings through the real server: rows and bytes a second, the worker's memory.

    .venv/bin/python -m benchmarks.export [--readings 5000000]

freetemp runs under gunicorn as shipped, on one core, on SQLite and on PostgreSQL (as in storage.py). One station has a
reading every ten seconds of two fields, at different moments. A tenth, a fifth and all of it are downloaded as CSV,
the fifth in every other form too, while a board reports ten values a second. The last row is a client that reads
64 KiB a second for ten seconds and goes away; SQLite's log must not grow meanwhile.
TMPDIR chooses the disk.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Event, Thread
from time import perf_counter, sleep
from typing import NamedTuple

import environ

from benchmarks import ask, durable_postgresql, machine
from benchmarks.peers import LOAD_CORE, Running, freetemp, gunicorn, scratch
from benchmarks.peers.rounds import version_of

START = datetime(2020, 1, 1, tzinfo=UTC)
EVERY_S = 10
OWN = "freetemp_benchmark_export"
PART_BYTES = 1 << 20
SLOW_BYTES, SLOW_S = 65_536, 10
FILL = {
    "sqlite": "WITH RECURSIVE row(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM row WHERE n < {last})"
    " INSERT INTO readings_reading (station_id, field, measured_at, value)"
    " SELECT {station}, {field}, {start_ms} + n * {every_ms}, (abs(random()) % 4000) / 100.0 FROM row",
    "postgresql": "INSERT INTO readings_reading (station_id, field, measured_at, value)"
    " SELECT {station}, {field}, {start_ms} + n::bigint * {every_ms}, floor(random() * 4000) / 100"
    " FROM generate_series(0, {last}) AS n",
}


class Case(NamedTuple):
    """A request: its readings, and the form of the file."""

    name: str
    readings: int
    suffix: str = "csv"
    encoding: str = "identity"
    is_slow: bool = False


class Board(Thread):
    """Reports ten values a second, each on a connection of its own, and records its waits."""

    def __init__(self, port: int, board: freetemp.Board) -> None:
        super().__init__(daemon=True)
        self.port, self.board = port, board
        self.waits_ms: list[float] = []
        self.is_over = Event()

    def run(self) -> None:
        for field in itertools.cycle(range(3, freetemp.FIELDS + 1)):
            if self.is_over.wait(0.1):
                return
            connection, started = HTTPConnection("127.0.0.1", self.port, timeout=30), perf_counter()
            connection.request("GET", freetemp.path(self.board, field))
            assert connection.getresponse().read() == b"OK"
            self.waits_ms.append((perf_counter() - started) * 1000)
            connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="What a file of millions of readings costs.")
    parser.add_argument("--readings", type=int, default=5_000_000)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.sched_setaffinity(0, {LOAD_CORE})
    with scratch() as directory:
        if options.measure is not None:
            measure(directory, options.measure, options.readings)
            return
        print(f"{datetime.now(UTC):%Y-%m-%d}, {machine(directory)} {version_of('gunicorn')}.", flush=True)
        with durable_postgresql(directory) as url:
            for each in ["", *([url] if url else [])]:
                command = [sys.executable, "-m", "benchmarks.export", "--readings", str(options.readings)]
                subprocess.run([*command, "--measure", each], check=True)


def measure(directory: Path, url: str, readings: int) -> None:
    """Fill a database and print a table, in a process of its own, with freetemp's own settings."""
    with empty_database(url) as own:
        boards = freetemp.prepare(directory, own)
        name = fill(boards[0].station, readings)
        print(f"\n{name}, {readings:,} readings:\n")
        print(
            "| | readings/s | MB/s | MB | worker at most, MB | of it more | a board waits, ms, half | 99 % | log, MB |"
        )
        print("|---|---:|---:|---:|---:|---:|---:|---:|---:|", flush=True)
        with gunicorn(freetemp.APP, directory, {}) as server:
            read(server, boards[0].station, Case("", 1_000))  # Imports.
            for case in cases(readings):
                print(row(server, boards, case, directory), flush=True)


@contextmanager
def empty_database(url: str) -> Iterator[str]:
    """Yield the address of our own database on that PostgreSQL, if one is given."""
    if not url:
        yield ""
        return
    import psycopg

    told = environ.Env.db_url_config(url)
    names = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password", "NAME": "dbname"}
    with psycopg.connect(**{names[key]: told[key] for key in names if told.get(key)}, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {OWN}")
        connection.execute(f"CREATE DATABASE {OWN}")
        yield url.rpartition("/")[0] + f"/{OWN}"
        connection.execute(f"DROP DATABASE {OWN} WITH (FORCE)")


def fill(station: int, readings: int) -> str:
    """Give a station two fields' readings, and return the database's name."""
    from django.db import connection, transaction

    from freetemp.fields import to_millis
    from stations.models import Field

    last = readings // 2 - 1
    with transaction.atomic(), connection.cursor() as cursor:
        for field in (1, 2):
            start_ms = to_millis(START) + field
            values = {
                "station": station,
                "field": field,
                "start_ms": start_ms,
                "every_ms": EVERY_S * 1000,
                "last": last,
            }
            cursor.execute(FILL[connection.vendor].format(**values))
    Field.objects.filter(station=station, number__lte=2).update(
        newest_at=START + timedelta(seconds=last * EVERY_S, milliseconds=2), newest_value=1
    )
    ask(connection, sqlite="SELECT 1", postgresql="VACUUM ANALYZE")
    connection.close()
    return connection.display_name


def cases(readings: int) -> Iterator[Case]:
    for part in (readings // 10, readings // 5, readings):
        yield Case(f"CSV, {part:,}", part)
    fifth = readings // 5
    yield Case(f"CSV in gzip, {fifth:,}", fifth, encoding="gzip")
    yield Case(f"JSON, {fifth:,}", fifth, "json")
    yield Case(f"workbook, {fifth:,}", fifth, "xlsx")
    yield Case(f"CSV, read slowly for {SLOW_S} s", readings, is_slow=True)


def row(server: Running, boards: list[freetemp.Board], case: Case, directory: Path) -> str:
    (worker,) = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    Path(f"/proc/{worker}/clear_refs").write_text("5")  # This resets the peak: proc(5).
    before, board, started = memory_mb(worker, "VmRSS"), Board(server.port, boards[1]), perf_counter()
    board.start()
    size = read(server, boards[0].station, case)
    passed = perf_counter() - started
    board.is_over.set()
    board.join()
    peak, log = memory_mb(worker, "VmHWM"), directory / "freetemp.sqlite3-wal"
    waits = statistics.quantiles(board.waits_ms, n=100) if len(board.waits_ms) > 1 else [0.0] * 99
    rates = ["-", "-"] if case.is_slow else [f"{case.readings / passed:,.0f}", f"{size / passed / 1e6:.1f}"]
    logged = f"{log.stat().st_size / 1e6:.1f}" if log.exists() else "-"
    cells = [case.name, *rates, f"{size / 1e6:.1f}", f"{peak:.1f}", f"{peak - before:+.1f}"]
    return f"| {' | '.join([*cells, f'{waits[49]:.0f}', f'{waits[98]:.0f}', logged])} |"


def read(server: Running, station: int, case: Case) -> int:
    """Read a file, or its beginning slowly, and return the number of bytes."""
    end = START + timedelta(seconds=case.readings // 2 * EVERY_S)
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    path = f"/stations/{station}/readings.{case.suffix}?start={START:%Y-%m-%dT%H:%M:%SZ}&end={end:%Y-%m-%dT%H:%M:%SZ}"
    connection.request("GET", path, headers={"Accept-Encoding": case.encoding})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    size = slowly(answer) if case.is_slow else sum(map(len, iter(lambda: answer.read(PART_BYTES), b"")))
    connection.close()
    return size


def slowly(answer: HTTPResponse) -> int:
    size = 0
    for _ in range(SLOW_S):
        size += len(answer.read(SLOW_BYTES))
        sleep(1)
    return size


def memory_mb(process: str, name: str) -> float:
    """Return a figure of proc(5)'s status, in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition(f"{name}:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
