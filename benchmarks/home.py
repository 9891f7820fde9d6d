"""The home page's cost to the server: each station's card has its newest values and the last day's line.

    .venv/bin/python -m benchmarks.home [--stations 1 100 500] [--runs 20]

Each station has three fields and reports every five minutes: the last 25 hours are real observations (history.py). It
runs on SQLite, and on PostgreSQL as in storage.py, without sockets, as in series.py. TMPDIR chooses the disk.

The page is asked for again at once, then each time after a fifth of the stations have reported, as within a minute, and
once by a process that has just been started. A page of up to 200 kB is kept for its minute: of few stations, "again" is
mostly that page.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from benchmarks import ask, machine
from benchmarks.history import COLUMNS, ZONE, minutes
from benchmarks.peers import scratch
from benchmarks.series import answer, on_each_database
from benchmarks.storage import database

KEPT = timedelta(hours=25)
MINUTES = 5
AWAY_MS = 1_000  # Stations do not report at one instant.
APART = 2.0  # and differ by at least this: equal cards would compress better than real ones.


def main() -> None:
    parser = argparse.ArgumentParser(description="What the home page costs the server.")
    parser.add_argument("--stations", type=int, nargs="+", default=[1, 100, 500])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(sorted(options.stations), options.runs)
        return
    with scratch() as directory:
        print(f"{datetime.now(UTC):%Y-%m-%d}, {machine(directory)} {options.runs} runs: medians.")
        on_each_database("benchmarks.home", directory)


def measure(counts: list[int], runs: int) -> None:
    with database() as connection:
        from django.core.management import call_command

        from freetemp.wsgi import application

        call_command("collectstatic", interactive=False, verbosity=0)  # The page refers to these files.
        recent = list(last_day())
        columns = ["stations", "ms of processor, again", "a fifth has reported", "first", "ms passed, again", "kB"]
        print(f"\n{connection.display_name}:\n\n| {' | '.join(columns)} |\n|{'---:|' * len(columns)}")
        made = 0
        for count in counts:
            for number in range(made, count):
                add_station(number, recent)
            made = count
            ask(connection, sqlite="SELECT 1", postgresql="VACUUM ANALYZE")  # As its autovacuum does some time later.
            print(row(application, count, runs), flush=True)


def row(application: Any, count: int, runs: int) -> str:
    answer(application, "/", "")  # The first one compiles templates.
    forget()
    first = answer(application, "/", "").processor_ms
    found = [answer(application, "/", "") for _ in range(runs)]
    processor, passed = median(each.processor_ms for each in found), median(each.passed_ms for each in found)
    after = median(after_reports(application, turn) for turn in range(runs))
    kilobytes = len(found[0].body) / 1000
    return f"| {count} | {processor:.1f} | {after:.1f} | {first:.1f} | {passed:.1f} | {kilobytes:.1f} |"


def forget() -> None:
    """Forget what this process has kept. An earlier build keeps nothing."""
    with suppress(ImportError):
        from readings.history import last_day
        from readings.pages import kept_pages, kept_stations

        kept_pages.kept_pages.forget()
        last_day._kept.clear()
        kept_stations._kept.clear()


def after_reports(application: Any, turn: int) -> float:
    """Let every fifth station report, and return the milliseconds of processor that the page takes then."""
    from freetemp.fields import from_millis, now_millis
    from readings import ingest
    from readings.ingest.reports import Measurement
    from stations.models import Station

    now_ms = now_millis()
    for station in Station.objects.order_by("pk")[turn % MINUTES :: MINUTES]:
        newest = station.fields.values_list("number", "newest_value")
        after = [Measurement(field, now_ms, round(value + random.gauss(0, 0.2), 2)) for field, value in newest]
        ingest.store(station, after)
        Station.objects.filter(pk=station.pk).update(last_heard_at=from_millis(now_ms))
    return answer(application, "/", "").processor_ms


def last_day() -> Iterator[tuple[int, int, float]]:
    """Yield (field, Unix milliseconds, value): the last 25 hours, moved by a few minutes so that they end now."""
    now = datetime.now(UTC)
    for number, column in COLUMNS.items():
        rows = list(minutes(now, 1, column))
        away_ms = round(now.timestamp() * 1000) - rows[-1][0]
        since_ms = rows[-1][0] - KEPT / timedelta(milliseconds=1)
        yield from ((number, at_ms + away_ms, value) for at_ms, value in rows[::-MINUTES] if at_ms >= since_ms)


def add_station(number: int, recent: list[tuple[int, int, float]]) -> None:
    from django.db import transaction

    from freetemp.fields import from_millis
    from readings.ingest.insert import insert_readings
    from readings.rollups.rebuild import rebuild
    from stations.models import Station

    station = Station.objects.create(name=f"Station {number + 1}", timezone=ZONE.key, interval_s=60 * MINUTES)
    for field, column in list(COLUMNS.items())[1:]:
        name, _, unit = column.rstrip("]").partition(" [")
        station.fields.create(number=field, name=name, unit=unit)
    rng = random.Random(number)
    own = {field: rng.gauss(0, APART) for field in COLUMNS}
    rows = [
        (field, at_ms - number * AWAY_MS, round(value + own[field] + rng.gauss(0, 0.5), 2))
        for field, at_ms, value in recent
    ]
    with transaction.atomic():
        insert_readings({(station.pk, field, at_ms): value for field, at_ms, value in rows})
    rebuild(station)
    for field in COLUMNS:
        at_ms, value = max((at_ms, value) for each, at_ms, value in rows if each == field)
        station.fields.filter(number=field).update(newest_at=from_millis(at_ms), newest_value=value)
    Station.objects.filter(pk=station.pk).update(last_heard_at=from_millis(max(at_ms for _, at_ms, _ in rows)))


if __name__ == "__main__":
    main()
