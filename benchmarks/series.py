"""What a history costs the server: any range out of five years of a reading a minute, as JSON and as a page.

    .venv/bin/python -m benchmarks.series [--years 5] [--points 800] [--runs 10]

A station replays the hourly temperatures of the demo, year after year, with a straight line and some noise between two
of them, hours without observations and lost reports: 2.6 million readings. Every range is asked for with its end at the
newest reading and at four odd moments before, all of them in turn, so that what else the machine does meets all alike.
Before any time is taken, every figure of every answer is compared with the same computed straight from the readings.

On SQLite, and on PostgreSQL as in storage.py, whose own work is in the time that passed and not in this processor's.
Without sockets: the WSGI application is called as a server calls it. TMPDIR chooses the disk.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import random
import secrets
import subprocess
import sys
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from math import isclose
from pathlib import Path
from statistics import fmean, median
from time import perf_counter, process_time
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from benchmarks import ask, durable_postgresql, machine
from benchmarks.in_process import environ
from benchmarks.peers import scratch
from benchmarks.storage import database

OBSERVATIONS = Path(__file__).parent.parent / "readings" / "demo" / "jfk.csv"
ZONE = ZoneInfo("America/New_York")
LENGTHS = {
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=31),
    **{f"{months} months": timedelta(days=months * 365 // 12) for months in (2, 3, 4, 6)},
    "year": timedelta(days=365),
}
ENDS = 5  # of each length
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EXACT = timedelta(hours=49)  # A longer range has its first and last quarter of an hour whole.
QUARTER = timedelta(minutes=15)
MINUTE_MS, DAY_S = 60_000, 86_400
LOST = 0.005
ROWS_AT_ONCE = 5_000


class Range(NamedTuple):
    """What is asked for: a length by its name, from start on and before end."""

    name: str
    start: datetime
    end: datetime

    @property
    def query(self) -> str:
        return urlencode({"start": f"{self.start:%Y-%m-%dT%H:%M:%SZ}", "end": f"{self.end:%Y-%m-%dT%H:%M:%SZ}"})


class Raw(NamedTuple):
    """Moments in Unix milliseconds, in order, and what was measured at each."""

    times: array[int]
    values: array[float]

    def within(self, start_ms: int, end_ms: int) -> slice:
        return slice(bisect_left(self.times, start_ms), bisect_left(self.times, end_ms))


class Answer(NamedTuple):
    """What went out, compressed, and the processor's time and the clock's that it took."""

    body: bytes
    processor_ms: float
    passed_ms: float


def main() -> None:
    parser = argparse.ArgumentParser(description="What a history costs the server.")
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--points", type=int, default=800, help="asked for, as many as a plot has pixels")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options)
        return
    with scratch() as directory:
        print(f"{datetime.now(UTC):%Y-%m-%d}, {machine(directory)} {options.runs} runs of {ENDS} ranges each: medians.")
        (directory / "static").mkdir()
        with durable_postgresql(directory) as url:
            for each in [f"sqlite:///{directory / 'freetemp_benchmark'}", *([url] if url else [])]:
                compare(each, directory)


def compare(url: str, directory: Path) -> None:
    """Measure in a process of its own, with freetemp's own settings."""
    env = os.environ | {
        "DATABASE_URL": url,
        "SECRET_KEY": secrets.token_hex(32),
        "SERVER_URL": "http://127.0.0.1:8000",
        "VAR_DIR": str(directory),
        "DEBUG": "off",
    }
    command = [sys.executable, "-m", "benchmarks.series", "--measure", *sys.argv[1:]]
    if code := subprocess.run(command, env=env, check=False).returncode:
        sys.exit(code)


def measure(options: argparse.Namespace) -> None:
    with database() as connection:
        from django.core.management import call_command

        from freetemp.wsgi import application

        call_command("collectstatic", interactive=False, verbosity=0)  # What the page refers to.
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
    """Yield the rows of a table: of each range the processor's time, that passed, and the bytes that go out."""
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
    """Do what a WSGI server does for a browser's request."""
    request, statuses = environ(path) | {"QUERY_STRING": query, "HTTP_ACCEPT_ENCODING": "gzip"}, []
    started, worked = perf_counter(), process_time()
    chunks = application(request, lambda status, headers, *_: statuses.append(status))
    body = b"".join(chunks)
    chunks.close()
    costs = (process_time() - worked, perf_counter() - started)
    assert statuses == ["200 OK"], (statuses, path, query)
    return Answer(body, *(cost * 1000 for cost in costs))


def fill(connection: Any, years: int) -> tuple[Any, Raw]:
    """Store the readings, and make their rollups from them."""
    from django.db import transaction

    from freetemp.fields import from_millis
    from readings.rebuild import rebuild
    from readings.sql import insert_readings
    from stations.models import Station

    station = Station.objects.create(name="JFK", timezone=ZONE.key)
    raw = Raw(array("q"), array("d"))
    with transaction.atomic():
        rows = minutes(datetime.now(UTC), years)
        while part := list(islice(rows, ROWS_AT_ONCE)):
            insert_readings({(station.pk, 1, at_ms): value for at_ms, value in part})
            raw.times.extend(at_ms for at_ms, _ in part)
            raw.values.extend(value for _, value in part)
    rebuild(station)
    station.fields.update(newest_at=from_millis(raw.times[-1]), newest_value=raw.values[-1])
    ask(connection, sqlite="SELECT 1", postgresql="VACUUM ANALYZE")  # As its autovacuum does some time later.
    return station, raw


def minutes(now: datetime, years: int) -> Iterator[tuple[int, float]]:
    """Yield (Unix milliseconds, degrees Celsius): a straight line between observations that are not far apart."""
    rng, start = random.Random(13), now - years * timedelta(days=365.25)
    for (before, low), (after, high) in pairwise(hours(start.year, now.year)):
        count = (after - before) // timedelta(minutes=1)
        if start <= before < after <= now and count <= 180:
            for minute in range(count):
                if rng.random() >= LOST:
                    at_ms = round(before.timestamp()) * 1000 + minute * MINUTE_MS + rng.randrange(500)
                    yield at_ms, round(low + (high - low) * minute / count + rng.gauss(0, 0.1), 2)


def hours(first_year: int, last_year: int) -> list[tuple[datetime, float]]:
    """Return the observations of 2013, repeated for each of these years."""
    with OBSERVATIONS.open(newline="") as lines:
        rows = [(row["measured_at"], row["temperature [degC]"]) for row in csv.DictReader(lines)]
    known = [(datetime.fromisoformat(moment), float(value)) for moment, value in rows if value]
    moved = {
        at.replace(year=at.year - 2013 + year): value
        for year in range(first_year, last_year + 1)
        for at, value in known
    }
    return sorted(moved.items())


def ranges(raw: Raw, years: int) -> Iterator[Range]:
    """Yield some of each length, by whole seconds: up to the newest reading, and up to odd moments before."""
    rng = random.Random(5)
    first, last = (datetime.fromtimestamp(raw.times[at] // 1000, UTC) for at in (0, -1))
    for name, length in (LENGTHS | {f"{years} years": last - first}).items():
        for turn in range(ENDS):
            end = last - turn * rng.random() / ENDS * (last - first - length)
            end = end.replace(microsecond=0)
            yield Range(name, end - length, end)


def check_series(raw: Raw, asked: Range, found: dict[str, Any]) -> None:
    """Compare every point with the raw readings."""
    columns = zip(found["time"], found["mean"], found["min"], found["max"], strict=True)
    points = [(round(at * 1000), *values) for at, *values in columns if values[0] is not None]
    right = list(expected(raw, to_ms(asked.start), to_ms(asked.end), found["step_s"]))
    assert [point[0] for point in points] == [point[0] for point in right], asked
    for (_, mean, *extremes), (at_ms, right_mean, *right_extremes) in zip(points, right, strict=True):
        assert isclose(mean, right_mean, abs_tol=1e-9), (asked, at_ms)
        assert extremes == right_extremes, (asked, at_ms)


def expected(raw: Raw, start_ms: int, end_ms: int, step_s: int | None) -> Iterator[tuple[int, float, float, float]]:
    if step_s is None:
        for index in range(*raw.within(start_ms, end_ms).indices(len(raw.times))):
            yield raw.times[index], *([raw.values[index]] * 3)
        return
    for first_ms, after_ms in buckets(start_ms, end_ms, step_s):
        if values := raw.values[raw.within(first_ms, after_ms)]:
            yield first_ms, fmean(values), min(values), max(values)


def buckets(start_ms: int, end_ms: int, step_s: int) -> Iterator[tuple[int, int]]:
    """Yield the whole buckets of a range: those of a day and more are days of the zone, counted from a Monday."""
    if step_s < DAY_S:
        for first_ms in range(start_ms - start_ms % (step_s * 1000), end_ms, step_s * 1000):
            yield first_ms, first_ms + step_s * 1000
        return
    day, days = datetime.fromtimestamp(start_ms / 1000, ZONE).toordinal(), step_s // DAY_S
    day -= (day - date(1969, 12, 29).toordinal()) % days
    while (first_ms := midnight_ms(day)) < end_ms:
        day += days
        yield first_ms, midnight_ms(day)


def midnight_ms(day: int) -> int:
    return to_ms(datetime.combine(date.fromordinal(day), time(), ZONE))


def check_history(station: Any, raw: Raw, asked: Range) -> None:
    """Compare what a page is made of: a period's low, high and mean, their moments, and every row of its table."""
    from readings.history import History
    from readings.periods import Period

    start, end = asked.start, asked.end
    edges = [start, *(part.end for part in Period("range", start, end, ZONE).parts)]
    history = History(station, station.fields.all())
    (whole,) = history.extremes(start, end).values()
    parts = history.by_part(edges)
    if end - start > EXACT:
        edges[0], edges[-1] = start - (start - EPOCH) % QUARTER, end + (EPOCH - end) % QUARTER
    within = raw.within(to_ms(edges[0]), to_ms(edges[-1]))
    check_total(whole.summary, raw, within)
    for moment, value in ((whole.min_at, whole.summary.min), (whole.max_at, whole.summary.max)):
        assert to_ms(moment) == raw.times[raw.values.index(value, within.start, within.stop)], asked
    for index, (first, after) in enumerate(pairwise(edges)):
        check_total(parts.get((1, index)), raw, raw.within(to_ms(first), to_ms(after)))


def check_total(total: Any, raw: Raw, within: slice) -> None:
    values = raw.values[within]
    if not values:
        assert total is None
        return
    assert (total.n, total.min, total.max) == (len(values), min(values), max(values)), within
    assert isclose(total.mean, fmean(values), abs_tol=1e-9), within


def to_ms(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)


if __name__ == "__main__":
    main()
