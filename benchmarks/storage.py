"""The cost of a reading in bytes and in time: freetemp's storage beside plain Django's.

    .venv/bin/python -m benchmarks.storage [--readings 500000] [--runs 5]

It runs on SQLite, and on PostgreSQL if DATABASE_URL in the environment names one (in a database of its own, dropped
afterwards) or its server's programs are found (in a cluster of its own). TMPDIR chooses the disk. Every row of the
table is a process with a fresh database, one after the other within a run, and backwards in every second run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import secrets
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import django

from benchmarks import ask, durable_postgresql, machine, spread

STATIONS, FIELDS, BATCH = 5, 2, 500
SINGLES = 1_000  # 100 of each field: record() refuses a burst of more than 120.
START_MS = 1_577_836_800_000  # 2020-01-01
WAYS = {"freetemp": "freetemp", "rowid": "freetemp's key, with rowid", "plain": "plain Django"}
COLUMNS = {
    "bytes": "bytes a reading",
    "packed": "after VACUUM",
    "bulk": f"readings/s, {BATCH} a transaction",
    "single": "readings/s, one a transaction",
    "record": "values/s, as boards send them",
}


class Way(NamedTuple):
    """A model, with functions that store readings of a station, one reading, and one value from a board."""

    model: Any
    many: Callable[[Any, Any], Any]
    one: Callable[[Any, Any], Any]
    record: Callable[[Any, Any], Any]


def main() -> None:
    parser = argparse.ArgumentParser(description="What a reading costs, in bytes and in time.")
    parser.add_argument("--readings", type=int, default=500_000, help="in the table before any time is taken")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(measure(options.way, options.readings)))
        return
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        print(machine(directory), f"{options.readings:,} readings, {options.runs} runs: median (range).", end="\n\n")
        with durable_postgresql(directory) as url:
            urls = {"SQLite": f"sqlite:///{directory / 'freetemp_benchmark'}"} | ({"PostgreSQL": url} if url else {})
            runs = [one_run(urls, options.readings, backwards=bool(turn % 2)) for turn in range(options.runs)]
        print(*report(runs), sep="\n")


def one_run(urls: dict[str, str], readings: int, *, backwards: bool) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the measurements by (database, way), each made in a process of its own, with freetemp's own settings."""
    rows = [(base, way) for base in urls for way in WAYS if (base, way) != ("PostgreSQL", "rowid")]
    results = {}
    for base, way in reversed(rows) if backwards else rows:
        print(base, way, file=sys.stderr, flush=True)
        env = os.environ | {"DATABASE_URL": urls[base], "SECRET_KEY": secrets.token_hex(32)}
        command = [sys.executable, "-m", "benchmarks.storage", "--way", way, "--readings", str(readings)]
        results[base, way] = json.loads(subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True).stdout)
    return {row: results[row] for row in rows}


def measure(name: str, readings: int) -> dict[str, Any]:
    """Fill a fresh database in a realistic order, then continue with batches, and then with single readings."""
    with database() as connection:
        way = plain(connection) if name == "plain" else freetemp(connection, rowid=name == "rowid")
        keys, minutes = stations(), readings // (STATIONS * FIELDS)
        empty = table_bytes(connection, way.model)
        fill(connection, way.model, keys, minutes)
        results = {"bytes": (table_bytes(connection, way.model) - empty) / way.model.objects.count()}
        version = ask(connection, sqlite="SELECT sqlite_version()", postgresql="SHOW server_version")
        results["server"] = f"{connection.display_name} {version.split()[0]}"
        results["bulk"] = BATCH * rate(way.many, list(batches(keys, minutes, minutes + minutes // 5)))
        results["single"] = rate(way.one, singles(keys))
        results["record"] = results["single"] if way.record is way.one else rate(way.record, singles(keys))
        ask(connection, sqlite="VACUUM", postgresql=f"VACUUM FULL {way.model._meta.db_table}")
        results["packed"] = (table_bytes(connection, way.model) - empty) / way.model.objects.count()
    return results


@contextmanager
def database() -> Iterator[Any]:
    """Make a fresh, migrated database with Django's test tools, and drop it afterwards."""
    from django.db import connection

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "freetemp.settings")
    django.setup()
    name = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = name if connection.vendor == "sqlite" else "freetemp_benchmark"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield connection
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def freetemp(connection: Any, *, rowid: bool) -> Way:
    """Return freetemp's own model and ways to store, on request with an ordinary table instead of WITHOUT ROWID."""
    from readings import ingest
    from readings.models import Reading
    from stations.models import Claim

    if rowid:
        with connection.schema_editor() as editor:
            editor.delete_model(Reading)
            editor.create_model(Reading)  # Only the migration's own operation adds WITHOUT ROWID.
    return Way(
        Reading,
        lambda key, rows: ingest.store(key.station, rows),
        lambda key, row: ingest.store(key.station, [row]),
        lambda key, row: ingest.record(Claim(key.station.mac, key.digest), row.field, row.value),
    )


def plain(connection: Any) -> Way:
    """Return the model that a developer writes without a second thought, and its ways to store."""
    from django.db import models

    from freetemp.fields import from_millis
    from stations.models import Station

    class PlainReading(models.Model):  # noqa: DJ008 - nobody looks at it
        station = models.ForeignKey(Station, models.PROTECT, related_name="+")
        field = models.PositiveSmallIntegerField()
        measured_at = models.DateTimeField()
        value = models.FloatField()

        class Meta:
            app_label = "benchmarks"
            constraints = [models.UniqueConstraint(fields=["station", "field", "measured_at"], name="plain_once")]

    def made(key: Any, row: Any) -> PlainReading:
        moment = from_millis(row.measured_at_ms)
        return PlainReading(station_id=key.station_id, field=row.field, measured_at=moment, value=row.value)

    def many(key: Any, rows: Any) -> None:  # bulk_create() is a transaction.
        PlainReading.objects.bulk_create([made(key, row) for row in rows], BATCH, ignore_conflicts=True)

    def one(key: Any, row: Any) -> None:  # Like create().
        made(key, row).save(force_insert=True)

    with connection.schema_editor() as editor:
        editor.create_model(PlainReading)
    return Way(PlainReading, many, one, one)


def stations() -> list[Any]:
    """Create the stations with their fields, and return a key for each."""
    from stations.models import Key, Station

    for number in range(1, STATIONS + 1):
        station = Station.objects.create(name=f"Station {number}", mac=f"02:00:00:00:00:{number:02x}")
        for field in range(2, FIELDS + 1):
            station.fields.create(number=field, name=f"field {field}")
        Key.objects.issue(station)
    return list(Key.objects.select_related("station").order_by("station"))


def at_minute(minute: int) -> list[Any]:
    """Return a reading of each field: 21.37 rather than 21.0, and not on the full second, as in reality."""
    from readings.ingest.reports import Measurement

    start = START_MS + minute * 60_000
    numbers = range(1, FIELDS + 1)
    return [Measurement(n, start + random.randrange(50_000), round(random.gauss(15, 8), 2)) for n in numbers]


def fill(connection: Any, model: Any, keys: list[Any], minutes: int) -> None:
    """Insert every station's fields minute by minute: the order of arrival shapes the trees."""
    from django.db import transaction

    from freetemp.fields import from_millis

    random.seed(7)  # The same readings for every way.
    column = model._meta.get_field("measured_at")
    places = "(station_id, field, measured_at, value) VALUES (%s, %s, %s, %s)"
    rows = ((key.station_id, *row) for minute in range(minutes) for key in keys for row in at_minute(minute))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {model._meta.db_table} {places}",
            ((at, f, column.get_db_prep_value(from_millis(ms), connection), value) for at, f, ms, value in rows),
        )


def batches(keys: list[Any], start: int, end: int) -> Iterator[tuple[Any, list[Any]]]:
    """Yield backlogs of one station after the other, between two minutes."""
    span = BATCH // FIELDS
    for minute in range(start, end, span):
        for key in keys:
            yield key, [row for each in range(minute, minute + span) for row in at_minute(each)]


def singles(keys: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield single readings of this moment, station by station and field by field."""
    from freetemp.fields import now_millis

    for _ in range(SINGLES // (STATIONS * FIELDS)):
        for key in keys:
            for row in at_minute(0):
                yield key, row._replace(measured_at_ms=now_millis())


def rate(store: Callable[[Any, Any], Any], work: Any) -> float:
    """Return calls per second."""
    calls, started = 0, perf_counter()
    for key, rows in work:
        store(key, rows)
        calls += 1
    return calls / (perf_counter() - started)


def table_bytes(connection: Any, model: Any) -> int:
    """Return the bytes of a table with its indexes, or on SQLite those of the whole file."""
    pages = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    return ask(connection, sqlite=pages, postgresql=f"SELECT pg_total_relation_size('{model._meta.db_table}')")


def report(runs: list[dict[tuple[str, str], dict[str, Any]]]) -> Iterator[str]:
    """Yield a table in Markdown: medians with their ranges, then the medians of the runs' ratios to plain Django."""
    yield f"| | {' | '.join(COLUMNS.values())} |"
    yield f"|---|{'---:|' * len(COLUMNS)}"
    for base, way in runs[0]:
        cells = [spread([run[base, way][column] for run in runs]) for column in COLUMNS]
        yield f"| {runs[0][base, way]['server']}, {WAYS[way]} | {' | '.join(cells)} |"
    for base, way in (row for row in runs[0] if row[1] != "plain"):
        ratios = [statistics.median(run[base, way][c] / run[base, "plain"][c] for run in runs) for c in COLUMNS]
        yield f"| {base}, {WAYS[way]} : plain | {' | '.join(f'{ratio:.2f}' for ratio in ratios)} |"


if __name__ == "__main__":
    main()
