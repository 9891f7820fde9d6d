"""The memory of gunicorn's workers, and whether it grows, over 100,000 single values and some pages.

    .venv/bin/python -m benchmarks.memory [--requests 100000] [--steps 20]

freetemp runs under gunicorn as shipped. After each step the resident and the private memory of every worker are read
from /proc. Every hundredth request is a viewer's: a page, JSON or a file of a history. The last line shows how much
the largest worker grew in the second half, when everything that is loaded once has been loaded. TMPDIR chooses the
disk.
"""

from __future__ import annotations

import argparse
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import cycle, islice, zip_longest
from pathlib import Path
from typing import NamedTuple

from django.core.management import call_command

from benchmarks import machine
from benchmarks.in_process import values
from benchmarks.load import drive, get
from benchmarks.peers import LOAD_CORE, Running, freetemp, gunicorn, scratch
from benchmarks.peers.rounds import version_of

STEP_TIMEOUT_S = 600
VIEWS = [
    *("/stations/{}/", "/api/v1/stations/{}/", "/api/v1/stations/{}/series/?field=1", "/stations/{}/readings.csv"),
    *("/", "/stations/{}/readings.xlsx", "/stations/{}/?year=2026", "/stations/{}/readings.json"),
]
# Link previews and charts for other sites, which are drawn by different libraries.
PICTURES = [
    *("/stations/{}/chart.svg", "/stations/{}/preview.png", "/stations/{}/embed/", "/compare/chart.svg?field={}.1"),
]


class Memory(NamedTuple):
    """One process's memory in MB: all that is resident, and the part that no other process shares."""

    resident: float
    private: float


def main() -> None:
    parser = argparse.ArgumentParser(description="What memory gunicorn's workers take, and whether it stays.")
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--one-view-in", type=int, default=100, help="requests: the others are boards'")
    parser.add_argument("--at-once", type=int, default=32, help="connections that are open at a time")
    options = parser.parse_args()
    os.sched_setaffinity(0, {LOAD_CORE})
    with scratch() as directory:
        boards = freetemp.prepare(directory)
        call_command("collectstatic", interactive=False, verbosity=0)  # The pages refer to these files.
        print(f"{datetime.now(UTC):%Y-%m-%d}, {machine(directory)} {version_of('gunicorn')}.", end="\n\n")
        with gunicorn(freetemp.APP, directory, {}) as server:
            largest = measure(server, requests(boards, options.one_view_in), options)
    half = len(largest) // 2
    print(f"\nAt most {max(largest):.1f} MB; {largest[-1] - largest[half]:+.1f} MB in the second half.")


def measure(server: Running, sent: Iterator[bytes], options: argparse.Namespace) -> list[float]:
    """Send the requests step by step, print a row for each step, and return the largest worker's resident memory."""
    print("| requests | resident, MB each | private, MB each | answers of the step |\n|---:|---|---|---|")
    step, largest = options.requests // options.steps, []
    for turn in range(options.steps + 1):
        part = islice(sent, step if turn else 0)
        statuses = drive(server.port, part, seconds=STEP_TIMEOUT_S, at_once=options.at_once).statuses
        largest.append(row(turn * step, workers(server.pid), statuses))
    return largest


def row(requests: int, found: list[Memory], statuses: Counter[int]) -> float:
    resident, private = (", ".join(f"{mb:.1f}" for mb in column) for column in zip(*found, strict=True))
    print(f"| {requests:,} | {resident} | {private} | {dict(statuses)} |", flush=True)
    return max(each.resident for each in found)


def workers(pid: int) -> list[Memory]:
    """Return the memory of a process's children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [memory(Path(f"/proc/{child}/smaps_rollup").read_text()) for child in sorted(children, key=int)]


def memory(rollup: str) -> Memory:
    kib = {name: int(size) for name, size in re.findall(r"^(\w+): +([0-9]+) kB", rollup, re.MULTILINE)}
    return Memory(kib["Rss"] / 1024, (kib["Private_Clean"] + kib["Private_Dirty"]) / 1024)


def requests(boards: list[freetemp.Board], one_view_in: int) -> Iterator[bytes]:
    """Yield single values, and now and then a viewer's request."""
    paths, stations = values(boards), cycle(boards)
    views = cycle([each for pair in zip_longest(VIEWS, PICTURES) for each in pair if each])
    while True:
        yield from (get(path) for path in islice(paths, one_view_in - 1))
        yield get(next(views).format(next(stations).station))


if __name__ == "__main__":
    main()
