"""The time that three servers take for a history: a day to five years of a reading a minute, as mean, minimum, maximum.

    .venv/bin/python -m benchmarks.series_peers [--years 5] [--points 800] [--turns 5]

freetemp's JSON under gunicorn as shipped, beside InfluxDB and VictoriaMetrics with the same readings (history.py), if
they are installed. freetemp chooses the width of its buckets for a chart of so many pixels, and the others are asked
for buckets of the same width. All servers run on one core, and are asked in turns from another core, each time over a
new connection. Before any timing, every figure of every answer is compared with one computed straight from the
readings (exact.py): moments, minima and maxima must be equal, and means within 1e-9.

A bucket of a day or more consists of days of the station's own calendar in freetemp's answer, and of 24 hours of UTC
in the others': VictoriaMetrics has no time zones, and InfluxDB none for weeks. TMPDIR chooses the disk.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import socket
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks import machine, spread
from benchmarks.exact import check_points, check_series, steps, summed_up
from benchmarks.history import Range, Raw, fill, ranges, to_ms
from benchmarks.load import get
from benchmarks.peers import LOAD_CORE, Running, freetemp, gunicorn, influxdb, scratch, victoriametrics
from benchmarks.peers.rounds import version_of

RANGES = ("day", "month", "year")
IDLE, SETTLED_S, LONGEST_S = 0.05, 2, 90


class Server(NamedTuple):
    """A server that answers series, with the request to send for a range and a width of buckets."""

    running: Running
    request: Callable[[Range, int], bytes]


class Took(NamedTuple):
    """One answer's time in ms, and its bytes as they came."""

    passed_ms: float
    size: int


def main() -> None:
    parser = argparse.ArgumentParser(description="How long a history takes three servers.")
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--points", type=int, default=800, help="the points requested, as many as a plot has pixels")
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    with scratch() as directory, ExitStack() as stack:
        freetemp.create(directory)
        from django.db import connection

        station, raw = fill(connection, options.years)
        connection.close()
        own = Server(stack.enter_context(gunicorn(freetemp.APP, directory, {})), path_of(station.pk, options.points))
        os.sched_setaffinity(0, {LOAD_CORE})
        servers = {"freetemp": own} | dict(peers(directory, stack, raw))
        asked = [each for each in ranges(raw, options.years) if each.name in (*RANGES, f"{options.years} years")]
        steps_s = [check(servers, raw, each) for each in asked]
        print(heading(directory, servers, options, len(raw.times)), flush=True)
        took = measure(servers, list(zip(asked, steps_s, strict=True)), options.turns)
    print(*report(took, dict(zip((each.name for each in asked), steps_s, strict=True)), list(servers)), sep="\n")


def path_of(station: int, points: int) -> Callable[[Range, int], bytes]:
    path = f"/api/v1/stations/{station}/series/?points={points}"
    return lambda asked, step_s: get(f"{path}&{asked.query}", "Accept-Encoding: gzip")


def peers(directory: Path, stack: ExitStack, raw: Raw) -> Iterator[tuple[str, Server]]:
    """Start the installed servers, store the readings there, and wait until they have put them in order."""
    if influxdb.is_installed():
        yield "InfluxDB", filled(influxdb, stack.enter_context(influxdb.influxdb(directory, cold_s=1)), raw)
    if victoriametrics.is_installed():
        own = stack.enter_context(victoriametrics.victoriametrics(directory))
        yield "VictoriaMetrics", filled(victoriametrics, own, raw)


def filled(program: Any, running: Running, raw: Raw) -> Server:
    program.store(running, raw)
    deadline = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline:
        before = running.processor_s()
        time.sleep(SETTLED_S)
        if running.processor_s() - before < IDLE * SETTLED_S:
            break
    return Server(running, lambda asked, step_s: program.request(to_ms(asked.start), to_ms(asked.end), step_s))


def check(servers: dict[str, Server], raw: Raw, asked: Range) -> int:
    """Compare each server's answers with the readings, and return the buckets' width in seconds."""
    own = json.loads(body_of(answer(servers["freetemp"], asked, 0)))
    check_series(raw, asked, own)
    step_s: int = own["step_s"] or 1
    span = to_ms(asked.start), to_ms(asked.end)
    for name, program in (("InfluxDB", influxdb), ("VictoriaMetrics", victoriametrics)):
        if name in servers:
            found = program.points(body_of(answer(servers[name], asked, step_s)), step_s)
            check_points(found, summed_up(raw, steps(*span, step_s), over_time=False))
    return step_s


def answer(server: Server, asked: Range, step_s: int) -> bytes:
    """Ask over a new connection, and return all that comes."""
    with socket.create_connection(("127.0.0.1", server.running.port), timeout=60) as connection:
        connection.sendall(server.request(asked, step_s))
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def body_of(came: bytes) -> bytes:
    head, _, body = came.partition(b"\r\n\r\n")
    assert head.split()[1] == b"200", came[:500]
    return gzip.decompress(body) if b"content-encoding: gzip" in head.lower() else body


def measure(
    servers: dict[str, Server], asked: list[tuple[Range, int]], turns: int
) -> dict[tuple[str, str], tuple[list[Took], float]]:
    """Return the time of each answer, and an answer's processor time in ms, by range and server."""
    took: dict[tuple[str, str], list[Took]] = defaultdict(list)
    worked: dict[tuple[str, str], float] = defaultdict(float)
    names = list(servers)
    for turn in range(turns):
        print(f"turn {turn + 1} of {turns}", file=sys.stderr, flush=True)
        for kind in dict.fromkeys(each.name for each, _ in asked):
            for name in reversed(names) if turn % 2 else names:
                before = servers[name].running.processor_s()
                took[kind, name] += [timed(servers[name], *each) for each in asked if each[0].name == kind]
                worked[kind, name] += servers[name].running.processor_s() - before
    return {key: (each, worked[key] * 1000 / len(each)) for key, each in took.items()}


def timed(server: Server, asked: Range, step_s: int) -> Took:
    started = perf_counter()
    came = answer(server, asked, step_s)
    return Took((perf_counter() - started) * 1000, len(came))


def report(
    took: dict[tuple[str, str], tuple[list[Took], float]], steps_s: dict[str, int], names: list[str]
) -> Iterator[str]:
    """Yield a table in Markdown: a row for each range and server, with the ratio to freetemp in the same run."""
    yield "| | buckets of | | ms, half (range) | : freetemp | ms of processor | kB |"
    yield "|---|---:|---|---:|---:|---:|---:|"
    for kind, step_s in steps_s.items():
        own = median(each.passed_ms for each in took[kind, "freetemp"][0])
        for name in names:
            each, processor_ms = took[kind, name]
            times = [one.passed_ms for one in each]
            ratio, size = median(times) / own, median(one.size for one in each)
            cells = [
                kind,
                width(step_s),
                name,
                spread(times),
                f"{ratio:.2f}",
                f"{processor_ms:.1f}",
                f"{size / 1000:.1f}",
            ]
            yield f"| {' | '.join(cells)} |"


def width(step_s: int) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if step_s % size == 0:
            return f"{step_s // size} {unit}"
    return f"{step_s} s"


def heading(directory: Path, servers: dict[str, Server], options: argparse.Namespace, readings: int) -> str:
    programs = ["gunicorn", *(name for name in ("influxdb", "victoriametrics") if name in map(str.lower, servers))]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {machine(directory)} {', '.join(map(version_of, programs))}."
        f" {readings:,} readings, at most {options.points} points, {options.turns} turns of 5 ranges each.\n"
    )


if __name__ == "__main__":
    main()
