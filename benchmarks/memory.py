"""The memory of gunicorn's workers, and whether it grows, over 100,000 single values and some pages.

    .venv/bin/python -m benchmarks.memory [--requests 100000] [--one-view-in 20] [--nice 15] [--root FOLDER]

freetemp runs under gunicorn as shipped. The memory of every worker, and of the processes that it has started, is read
from /proc after 10, 100, 1,000 requests and so on, and after each tenth of all: the resident part, and the
proportional part, in which pages that several processes share count once. Every twentieth request is a viewer's: a
page, JSON, a file of a history or a picture. The last line shows how much the largest worker grew in the second half,
when everything that is loaded once has been loaded. `--root` serves another checkout of freetemp. TMPDIR chooses the
disk.
"""

from __future__ import annotations

import argparse
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import cycle, islice, takewhile, zip_longest
from pathlib import Path
from typing import NamedTuple

from django.core.management import call_command

from benchmarks import machine
from benchmarks.in_process import values
from benchmarks.load import drive, get
from benchmarks.peers import LOAD_CORE, ROOT, Running, freetemp, gunicorn, scratch
from benchmarks.peers.rounds import version_of

STEP_TIMEOUT_S = 1_800
VIEWS = [
    *("/stations/{}/", "/api/v1/stations/{}/", "/api/v1/stations/{}/series/?field=1", "/stations/{}/readings.csv"),
    *("/", "/stations/{}/readings.xlsx", "/stations/{}/?year=2026", "/stations/{}/readings.json"),
]
# Link previews and charts for other sites, which are drawn by different libraries.
PICTURES = [
    *("/stations/{}/chart.svg", "/stations/{}/preview.png", "/stations/{}/embed/", "/compare/chart.svg?field={}.1"),
]


class Memory(NamedTuple):
    """One process's memory in MB: all that is resident, and its share of it."""

    resident: float
    proportional: float


def main() -> None:
    parser = argparse.ArgumentParser(description="What memory gunicorn's workers take, and whether it stays.")
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--one-view-in", type=int, default=20, help="requests: the others are boards'")
    parser.add_argument("--at-once", type=int, default=32, help="connections that are open at a time")
    parser.add_argument("--nice", type=int, default=0, help="let other work of this machine go first")
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout of freetemp that serves")
    options = parser.parse_args()
    os.nice(options.nice)
    os.sched_setaffinity(0, {LOAD_CORE})
    with scratch() as directory:
        boards = freetemp.prepare(directory)
        call_command("collectstatic", interactive=False, verbosity=0)  # The pages refer to these files.
        print(f"{datetime.now(UTC):%Y-%m-%d}, {machine(directory)} {version_of('gunicorn')}.", end="\n\n")
        with gunicorn(freetemp.APP, directory, {}, options.root) as server:
            largest = measure(server, requests(boards, options.one_view_in), options)
    half = largest[options.requests // 2]
    last = largest[options.requests]
    print(f"\nAt most {max(largest.values()):.1f} MB; {last - half:+.1f} MB in the second half.")


def measure(server: Running, sent: Iterator[bytes], options: argparse.Namespace) -> dict[int, float]:
    """Send the requests, print a row at each mark, and return the largest worker's resident memory at each."""
    print("| requests | resident, MB each | proportional, MB each | answers since |\n|---:|---|---|---|")
    done, largest = 0, {}
    for mark in marks(options.requests):
        part = islice(sent, mark - done)
        statuses = drive(server.port, part, seconds=STEP_TIMEOUT_S, at_once=options.at_once).statuses
        done = mark
        largest[mark] = row(mark, workers(server.pid), statuses)
    return largest


def marks(count: int) -> list[int]:
    """Return 0, the powers of ten up to a number, and the tenths of it."""
    powers = takewhile(lambda power: power <= count, (10**exponent for exponent in range(1, 12)))
    return sorted({0, *powers, *(count * tenth // 10 for tenth in range(1, 11)), count // 2})


def row(requests: int, found: list[Memory], statuses: Counter[int]) -> float:
    resident, proportional = (", ".join(f"{mb:.1f}" for mb in column) for column in zip(*found, strict=True))
    print(f"| {requests:,} | {resident} | {proportional} | {dict(statuses)} |", flush=True)
    return max(each.resident for each in found)


def workers(pid: int) -> list[Memory]:
    """Return the memory of a process's children, and of theirs."""
    return [memory(Path(f"/proc/{child}/smaps_rollup").read_text()) for child in descendants(pid)]


def descendants(pid: int) -> Iterator[int]:
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (thread / "children").read_text().split()):
            yield child
            yield from descendants(child)


def memory(rollup: str) -> Memory:
    kib = {name: int(size) for name, size in re.findall(r"^(\w+): +([0-9]+) kB", rollup, re.MULTILINE)}
    return Memory(kib["Rss"] / 1024, kib["Pss"] / 1024)


def requests(boards: list[freetemp.Board], one_view_in: int) -> Iterator[bytes]:
    """Yield single values, and now and then a viewer's request."""
    paths, stations = values(boards), cycle(boards)
    views = cycle([each for pair in zip_longest(VIEWS, PICTURES) for each in pair if each])
    while True:
        yield from (get(path) for path in islice(paths, one_view_in - 1))
        yield get(next(views).format(next(stations).station))


if __name__ == "__main__":
    main()
