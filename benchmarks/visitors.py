"""What boards get while people load pages, exports and pictures without pause, on a server as shipped.

    .venv/bin/python -m benchmarks.visitors [--visitors 20] [--seconds 10] [--rounds 3] [--cores 0-63] [--root FOLDER]

16 boards send a value a second each, on a fresh connection. They do so alone, and then beside visitors that ask for the
next thing as soon as they have the last: the home page of 201 stations, a station's day, week and year, its series,
its pictures, and files of a week and of a year, of which the longest has half a million readings. Both are measured in
each round. The server has `--cores`, and the visitors are a process of their own. `--root` serves another checkout of
freetemp. TMPDIR chooses the disk.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import machine
from benchmarks.history import fill
from benchmarks.load import drive, get
from benchmarks.peers import ROOT, Running, freetemp, scratch, serving
from benchmarks.storm import Weather, measure
from tests.server import free_port

WARM_UP_S = 3
LOOKED_AT = [
    *("/", "/stations/{0}/", "/api/v1/stations/{0}/series/?points=800", "/stations/{0}/?period=week"),
    *("/stations/{0}/chart.svg", "/stations/{0}/readings.csv?period=week", "/stations/{0}/?period=year"),
    *("/stations/{0}/preview.png", "/stations/{0}/readings.xlsx?period=week", "/api/v1/stations/"),
    *("/stations/{0}/readings.csv?period=all", "/stations/1/"),
]


def main() -> None:
    parser = argparse.ArgumentParser(description="What boards get beside visitors without pause.")
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cores", default="0-63", help="the server's, as taskset has them")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout of freetemp that serves")
    options = parser.parse_args()
    with scratch() as directory:
        boards = freetemp.prepare(directory)
        from django.core.management import call_command
        from django.db import connection

        call_command("collectstatic", interactive=False, verbosity=0)
        station, _ = fill(connection, 1)
        connection.close()
        port = free_port()
        command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}"]
        print(f"{datetime.now(UTC):%Y-%m-%d}, {machine(directory)} Load {os.getloadavg()[0]:.1f}.", flush=True)
        with serving(
            [*command, freetemp.APP], port, directory / "log", root=options.root, cores=options.cores
        ) as server:
            paths = [path.format(station.pk) for path in LOOKED_AT]
            rounds = [both(server, boards, paths, options) for _ in range(options.rounds)]
    print(*report(rounds), sep="\n")


Round = tuple[Weather, Weather, Counter[int]]


def both(server: Running, boards: list[freetemp.Board], paths: list[str], options: Any) -> Round:
    """Return the boards' waits alone and beside visitors, and the number of the visitors' answers by status."""
    measure(server.port, boards, WARM_UP_S)
    alone = measure(server.port, boards, options.seconds)
    with ProcessPoolExecutor(1, get_context("spawn")) as others:
        visits = others.submit(visit, server.port, paths, options.seconds + WARM_UP_S, options.visitors)
        time.sleep(WARM_UP_S)
        beside = measure(server.port, boards, options.seconds)
        return alone, beside, visits.result()


def visit(port: int, paths: list[str], seconds: float, at_once: int) -> Counter[int]:
    requests: Iterator[bytes] = (get(path, "Accept-Encoding: gzip") for path in cycle(paths))
    return drive(port, requests, seconds=seconds, at_once=at_once).statuses


def report(rounds: list[Round]) -> Iterator[str]:
    """Yield a table in Markdown, with the ratios of each round's own two rows at half and at 95 %."""
    yield "| | answers | ms, half | 95 % | most | : alone, half | 95 % | visitors' answers |"
    yield "|---|---:|---:|---:|---:|---:|---:|---|"
    for alone, beside, visits in rounds:
        calm, busy = (quantiles(each) for each in (alone, beside))
        ratios = (f"{after / before:.2f}" for before, after in zip(calm, busy, strict=True))
        told = ", ".join(f"{number} x {status}" for status, number in sorted(visits.items()))
        yield f"| alone | {' | '.join(alone.cells())} | | | |"
        yield f"| beside visitors | {' | '.join(beside.cells())} | {' | '.join(ratios)} | {told} |"


def quantiles(weather: Weather) -> tuple[float, float]:
    waits = sorted(weather.waits_ms)
    return median(waits), waits[len(waits) * 95 // 100]


if __name__ == "__main__":
    main()
