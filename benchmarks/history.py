"""Years of a reading a minute, made from real observations: 2.6 million readings of a field in five years.

A station replays the hourly observations of the demo, year after year, with a straight line and some noise between
two of them, hours without observations, and lost reports.
"""

from __future__ import annotations

import csv
import random
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from benchmarks import ask

OBSERVATIONS = Path(__file__).parent.parent / "readings" / "demo" / "jfk.csv"
ZONE = ZoneInfo("America/New_York")
COLUMNS = {1: "temperature [degC]", 2: "humidity [%]", 3: "sea-level pressure [hPa]"}
LENGTHS = {
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=31),
    **{f"{months} months": timedelta(days=months * 365 // 12) for months in (2, 3, 4, 6)},
    "year": timedelta(days=365),
}
ENDS = 5  # of each length
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE_MS = 60_000
LOST = 0.005
ROWS_AT_ONCE = 5_000


class Range(NamedTuple):
    """A requested range: the name of its length, from start until just before end."""

    name: str
    start: datetime
    end: datetime

    @property
    def query(self) -> str:
        return urlencode({"start": f"{self.start:%Y-%m-%dT%H:%M:%SZ}", "end": f"{self.end:%Y-%m-%dT%H:%M:%SZ}"})


class Raw(NamedTuple):
    """Moments in Unix milliseconds, in order, and the value measured at each."""

    times: array[int]
    values: array[float]

    def within(self, start_ms: int, end_ms: int) -> slice:
        return slice(bisect_left(self.times, start_ms), bisect_left(self.times, end_ms))


def fill(connection: Any, years: int, numbers: tuple[int, ...] = (1,)) -> tuple[Any, Raw]:
    """Store a station with some fields of COLUMNS and make their rollups. Return the readings of its first field."""
    from readings.rollups.rebuild import rebuild
    from stations.models import Station

    station, now = Station.objects.create(name="JFK", timezone=ZONE.key), datetime.now(UTC)
    for number in numbers[1:]:
        name, _, unit = COLUMNS[number].rstrip("]").partition(" [")
        station.fields.create(number=number, name=name, unit=unit)
    stored = [_store(station, number, minutes(now, years, COLUMNS[number])) for number in numbers]
    rebuild(station)
    Station.objects.filter(pk=station.pk).update(last_heard_at=now)
    ask(connection, sqlite="SELECT 1", postgresql="VACUUM ANALYZE")  # As its autovacuum does some time later.
    return station, stored[0]


def _store(station: Any, number: int, rows: Iterator[tuple[int, float]]) -> Raw:
    from django.db import transaction

    from freetemp.fields import from_millis
    from readings.ingest.insert import insert_readings

    raw = Raw(array("q"), array("d"))
    with transaction.atomic():
        while part := list(islice(rows, ROWS_AT_ONCE)):
            insert_readings({(station.pk, number, at_ms): value for at_ms, value in part})
            raw.times.extend(at_ms for at_ms, _ in part)
            raw.values.extend(value for _, value in part)
    newest = {"newest_at": from_millis(raw.times[-1]), "newest_value": raw.values[-1]}
    station.fields.filter(number=number).update(**newest)
    return raw


def minutes(now: datetime, years: int, column: str) -> Iterator[tuple[int, float]]:
    """Yield (Unix milliseconds, value): a straight line between observations that are not far apart."""
    rng, start = random.Random(13), now - years * timedelta(days=365.25)
    for (before, low), (after, high) in pairwise(hours(start.year, now.year, column)):
        count = (after - before) // timedelta(minutes=1)
        if start <= before < after <= now and count <= 180:
            for minute in range(count):
                if rng.random() >= LOST:
                    at_ms = round(before.timestamp()) * 1000 + minute * MINUTE_MS + rng.randrange(500)
                    yield at_ms, round(low + (high - low) * minute / count + rng.gauss(0, 0.1), 2)


def hours(first_year: int, last_year: int, column: str) -> list[tuple[datetime, float]]:
    """Return the observations of 2013, repeated for each of these years."""
    with OBSERVATIONS.open(newline="") as lines:
        rows = [(row["measured_at"], row[column]) for row in csv.DictReader(lines)]
    known = [(datetime.fromisoformat(moment), float(value)) for moment, value in rows if value]
    moved = {
        at.replace(year=at.year - 2013 + year): value
        for year in range(first_year, last_year + 1)
        for at, value in known
    }
    return sorted(moved.items())


def ranges(raw: Raw, years: int) -> Iterator[Range]:
    """Yield some ranges of each length, in whole seconds: up to the newest reading, and up to odd moments before."""
    rng = random.Random(5)
    first, last = (datetime.fromtimestamp(raw.times[at] // 1000, UTC) for at in (0, -1))
    for name, length in (LENGTHS | {f"{years} years": last - first}).items():
        for turn in range(ENDS):
            end = last - turn * rng.random() / ENDS * (last - first - length)
            end = end.replace(microsecond=0)
            yield Range(name, end - length, end)


def to_ms(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)
