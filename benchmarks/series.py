"""A history's cost to the server: any range of five years of a reading a minute, as JSON and as a page.

    .venv/bin/python -m benchmarks.series [--years 5] [--points 800] [--runs 10]

There are 2.6 million readings from real observations (history.py). Every range is requested with its end at the newest
reading and at four odd moments before, all of them in turn, so that other work of the machine affects all alike.
Before any timing, every figure of every answer is compared with the one computed straight from the readings (exact.py).

It runs on SQLite, and on PostgreSQL as in storage.py. PostgreSQL's work is in the time passed, not in this process's
processor time. There are no sockets: the WSGI application is called as a server calls it. TMPDIR chooses the disk.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import secrets
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple

from benchmarks import durable_postgresql, machine
from benchmarks.exact import check_history, check_series
from benchmarks.history import ENDS, Range, fill, ranges
from benchmarks.in_process import environ
from benchmarks.peers import scratch
from benchmarks.storage import database


class Answer(NamedTuple):
    """The compressed answer, the processor's time for it, and the time passed."""

    body: bytes
    processor_ms: float
    passed_ms: float


def main() -> None:
    parser = argparse.ArgumentParser(description="What a history costs the server.")
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--points", type=int, default=800, help="the points requested, as many as a plot has pixels")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options)
        return
    with scratch() as directory:
        print(f"{datetime.now(UTC):%Y-%m-%d}, {machine(directory)} {options.runs} runs of {ENDS} ranges each: medians.")
        on_each_database("benchmarks.series", directory)


def on_each_database(module: str, directory: Path) -> None:
    """Run a module with `--measure` and this program's arguments on SQLite, and on PostgreSQL if there is one."""
    (directory / "var" / "static").mkdir(parents=True)
    with durable_postgresql(directory) as url:
        for each in [f"sqlite:///{directory / 'freetemp_benchmark'}", *([url] if url else [])]:
            _run(module, each, directory)


def _run(module: str, url: str, directory: Path) -> None:
    """Measure in a process of its own, with freetemp's own settings."""
    env = os.environ | {
        "DATABASE_URL": url,
        "SECRET_KEY": secrets.token_hex(32),
        "SERVER_URL": "http://127.0.0.1:8000",
        "VAR_DIR": str(directory / "var"),  # freetemp closes it to other users, of which PostgreSQL's is one.
        "DEBUG": "off",
    }
    command = [sys.executable, "-m", module, "--measure", *sys.argv[1:]]
    if code := subprocess.run(command, env=env, check=False).returncode:
        sys.exit(code)


def measure(options: argparse.Namespace) -> None:
    with database() as connection:
        from django.core.management import call_command

        from freetemp.wsgi import application

        call_command("collectstatic", interactive=False, verbosity=0)  # The page refers to these files.
        station, raw = fill(connection, options.years)
        asked = list(ranges(raw, options.years))
        for each in asked:
            check_history(station, raw, each)
            body = series(application, station, each, options.points).body
            check_series(raw, each, json.loads(gzip.decompress(body)))
        costs: dict[tuple[str, str], list[Answer]] = defaultdict(list)
        for each in asked * options.runs:
            costs["series", each.name].append(series(application, station, each, options.points))
            costs["page", each.name].append(answer(application, f"/stations/{station.pk}/", each.query))
        print(f"\n{connection.display_name}, {len(raw.times):,} readings, at most {options.points} points:\n")
        print(*report(costs, [each.name for each in asked[::ENDS]]), sep="\n", flush=True)


def report(costs: dict[tuple[str, str], list[Answer]], names: list[str]) -> Iterator[str]:
    """Yield the rows of a table: each range's processor time, time passed, and bytes sent."""
    columns = ["ms of processor", ": day", "ms passed", "kB"]
    yield "| | " + " | ".join(f"{kind}: {column}" for kind in ("series", "page") for column in columns) + " |"
    yield f"|---|{'---:|' * 2 * len(columns)}"
    for name in names:
        cells = []
        for kind in ("series", "page"):
            answers, day = costs[kind, name], costs[kind, names[0]]
            processor, of_day = (median(each.processor_ms for each in part) for part in (answers, day))
            passed, size = median(each.passed_ms for each in answers), median(len(each.body) for each in answers)
            cells += [f"{processor:.1f}", f"{processor / of_day:.2f}", f"{passed:.1f}", f"{size / 1000:.1f}"]
        yield f"| {name} | {' | '.join(cells)} |"


def series(application: Any, station: Any, asked: Range, points: int) -> Answer:
    return answer(application, f"/api/v1/stations/{station.pk}/series/", f"{asked.query}&points={points}")


def answer(application: Any, path: str, query: str) -> Answer:
    """Act as a WSGI server for a browser's request."""
    request, statuses = environ(path) | {"QUERY_STRING": query, "HTTP_ACCEPT_ENCODING": "gzip"}, []
    started, worked = perf_counter(), process_time()
    chunks = application(request, lambda status, headers, *_: statuses.append(status))
    body = b"".join(chunks)
    chunks.close()
    costs = (process_time() - worked, perf_counter() - started)
    assert statuses == ["200 OK"], (statuses, path, query)
    return Answer(body, *(cost * 1000 for cost in costs))


if __name__ == "__main__":
    main()
