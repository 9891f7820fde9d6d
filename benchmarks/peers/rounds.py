"""Rounds: every rival in turn, each server freshly started, and a table of their results."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from benchmarks import machine, spread
from benchmarks.load import BROKEN, Outcome, drive
from benchmarks.peers import LOAD_CORE, Running, influxdb, victoriametrics


class Rival(NamedTuple):
    """A server, its endless requests, and the function that counts its readings, if it stores any."""

    serve: Callable[[], AbstractContextManager[Running]]
    requests: Iterator[bytes]
    stored: Callable[[Running], int] | None = None
    readings: int = 1  # In each request.
    status: int = 200  # The status of the answer to a stored request.


Round = dict[str, Outcome]


def options(description: str, seconds: float, at_once: int) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=seconds, help="of load on each server in a round")
    parser.add_argument("--at-once", type=int, default=at_once, help="connections that are open at a time")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="leave out the others")
    return parser


def play(rivals: dict[str, Rival], chosen: argparse.Namespace, warm_up: int) -> list[Round]:
    """Return each round's outcomes by the rival's name. The order alternates, so that none is always the first."""
    os.sched_setaffinity(0, {LOAD_CORE})
    names = [name for name in rivals if name in (chosen.only or rivals)]
    rounds = []
    for turn in range(chosen.rounds):
        order = list(reversed(names)) if turn % 2 else names
        outcomes = {name: measure(name, rivals[name], chosen, warm_up) for name in order}
        rounds.append({name: outcomes[name] for name in names})
    return rounds


def measure(name: str, rival: Rival, chosen: argparse.Namespace, warm_up: int) -> Outcome:
    print(name, end=" ", file=sys.stderr, flush=True)
    with rival.serve() as server:
        drive(server.port, islice(rival.requests, warm_up), seconds=60, at_once=chosen.at_once)
        before = rival.stored(server) if rival.stored else 0
        worked = server.processor_s()
        outcome = drive(server.port, rival.requests, seconds=chosen.seconds, at_once=chosen.at_once)
        outcome.server_s = server.processor_s() - worked
        if rival.stored:
            check(name, rival.stored(server) - before, outcome, rival)
    print(f"{outcome.rate(rival.status):,.0f}/s", file=sys.stderr, flush=True)
    return outcome


def check(name: str, stored: int, outcome: Outcome, rival: Rival) -> None:
    """Fail unless the database holds exactly the acknowledged readings. A broken connection may go either way."""
    told = outcome.statuses[rival.status] * rival.readings
    if not told <= stored <= told + outcome.statuses[BROKEN] * rival.readings:
        sys.exit(f"{name} holds {stored:,} new readings, and answered for {told:,}: {dict(outcome.statuses)}")


def report(rounds: list[Round], rivals: dict[str, Rival], unit: str, beside: str) -> Iterator[str]:
    """Yield a table in Markdown: medians with their ranges, and the ratio to one rival in the same round."""
    yield f"| | {unit} | : {beside} | ms of processor a request | answer in ms, half | 99 % | refused or broken |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for name in rounds[0]:
        cells = _cells([each[name] for each in rounds], rivals[name])
        cells.insert(1, _ratio(rounds, rivals, name, beside))
        yield f"| {name} | {' | '.join(cells)} |"
    every = [outcome for each in rounds for outcome in each.values()]
    had = [outcome.server_s / outcome.elapsed_s for outcome in every]
    yield f"\nThe servers had {min(had):.0%} to {max(had):.0%} of their core: little where they wait for the disk or"
    yield f"other programs run there. The load took at most {max(outcome.busy for outcome in every):.0%} of its own."


def _cells(outcomes: list[Outcome], rival: Rival) -> list[str]:
    rates = [each.rate(rival.status) * rival.readings for each in outcomes]
    errors = sum(each.statuses.total() - each.statuses[rival.status] for each in outcomes)
    half, most = (statistics.median(times) for times in zip(*(each.waits_ms() for each in outcomes), strict=True))
    server_ms = statistics.median(each.server_ms() for each in outcomes)
    return [spread(rates), f"{server_ms:.2f}", f"{half:,.0f}", f"{most:,.0f}", f"{errors:,}"]


def _ratio(rounds: list[Round], rivals: dict[str, Rival], name: str, beside: str) -> str:
    if beside not in rounds[0]:
        return ""
    one, other = rivals[name], rivals[beside]
    return f"{statistics.median(_quotient(each[name], one, each[beside], other) for each in rounds):.2f}"


def _quotient(outcome: Outcome, rival: Rival, other: Outcome, beside: Rival) -> float:
    reached, others = outcome.rate(rival.status) * rival.readings, other.rate(beside.status) * beside.readings
    return reached / others if others else float("nan")


def heading(directory: Path, rivals: dict[str, Rival], chosen: argparse.Namespace) -> str:
    """Return the lines above a table: the day, the machine, the programs, and the method."""
    programs = ["gunicorn", *(name for name in ("flask", "influxdb") if name in rivals)]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {machine(directory)} {', '.join(map(version_of, programs))}."
        f" {chosen.at_once} connections at once, {chosen.rounds} rounds of {chosen.seconds:g} s: median (range).\n"
    )


def version_of(program: str) -> str:
    if program == "victoriametrics":  # It does not report its own version.
        asked = ["dpkg-query", "--show", "--showformat", "VictoriaMetrics ${Version}", victoriametrics.PROGRAM]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout or "VictoriaMetrics"
    if program != "influxdb":
        return f"{program} {version(program)}"
    told = subprocess.run([influxdb.PROGRAM, "version"], capture_output=True, text=True, check=True).stdout
    return " ".join(told.split()[:2])  # InfluxDB v1.6.7
