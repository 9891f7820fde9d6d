"""Mean wind directions, against vectors summed up by complex numbers."""

from cmath import phase, rect
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import degrees, radians
from random import Random
from statistics import fmean
from zoneinfo import ZoneInfo

import pytest

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.calendar.days import day_of
from readings.history.directions import winds
from readings.history.of_kind import history_of
from readings.history.wind_rose import rose
from readings.ingest.reports import Measurement
from stations.models import Station

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 27, 23, tzinfo=UTC)  # a midnight in Berlin
DAYS = 5
MINUTES = 5


@pytest.fixture
def roof():
    station = Station.objects.create(name="Roof", timezone="Europe/Berlin", interval_s=60 * MINUTES)
    station.fields.all().delete()
    station.fields.create(number=1, name="wind direction", unit="deg")
    return station


def measured(*, calm=()):
    """Return (moment, direction, speed) of a wind around north, now and then from the south, but stronger."""
    random = Random(4)
    rows = []
    for n in range(DAYS * 24 * 60 // MINUTES):
        at = START + timedelta(minutes=n * MINUTES)
        hour = n * MINUTES // 60
        south = hour % 7 == 3
        direction = round(random.gauss(180 if south else 0, 25) % 360, 1)
        rows.append((at, direction, 0.0 if hour in calm else round(random.uniform(4, 9) if south else 1.5, 1)))
    return rows


def store(station, rows):
    fields = {field.quantity: field.number for field in station.fields.all()}
    readings = [Measurement(fields["wind_direction"], to_millis(at), direction) for at, direction, _ in rows]
    if "wind_speed" in fields:
        readings += [Measurement(fields["wind_speed"], to_millis(at), speed) for at, _, speed in rows]
    ingest.store(station, readings)


def right(rows, start, end, *, weighted):
    """Return the mean direction and the steadiness, by quarters of an hour."""
    quarters = {}
    for at, direction, speed in rows:
        if start <= at < end:
            quarters.setdefault(to_millis(at) // 900_000, []).append((direction, speed))
    vector, weights = 0j, 0.0
    for values in quarters.values():
        weight = fmean(speed for _, speed in values) if weighted else 1.0
        vector += weight * sum(rect(1, radians(direction)) for direction, _ in values) / len(values)
        weights += weight
    return (degrees(phase(vector)) % 360, abs(vector) / weights) if weights else (None, None)


def apart(one, other):
    return abs((one - other + 180) % 360 - 180)


def test_the_mean_of_350_and_10_degrees_is_north(roof):
    at = to_millis(START)
    ingest.store(roof, [Measurement(1, at, 350.0), Measurement(1, at + 60_000, 10.0)])
    found = winds([roof.fields.get()], [START, START + timedelta(hours=1)])[1, 0]
    assert apart(found.mean, 0) < 1e-9
    assert found.steadiness == pytest.approx(0.984807753)  # cos 10 degrees


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("length", "points"), [(timedelta(days=DAYS), 500), (timedelta(days=DAYS), 30), (timedelta(hours=30), 100)]
)
def test_each_bucket_has_the_mean_of_its_vectors(roof, weighted, length, points):
    if weighted:
        roof.fields.create(number=2, name="wind", unit="m/s")
    rows = measured()
    store(roof, rows)
    found = history_of(roof.fields.get(number=1), START, START + length, points)
    assert found.step_s >= 900
    assert len(found.time) > 4
    for at, mean, steadiness in zip(found.time, found.mean, found.steadiness, strict=True):
        start = datetime.fromtimestamp(at, UTC)
        direction, steady = right(rows, start, start + timedelta(seconds=found.step_s), weighted=weighted)
        assert apart(mean, direction) < 1e-6
        assert steadiness == pytest.approx(steady)


@pytest.mark.parametrize("weighted", [False, True])
def test_days_and_their_parts_and_long_times_have_it_too(roof, weighted):
    if weighted:
        roof.fields.create(number=2, name="wind", unit="m/s")
    rows = measured()
    store(roof, rows)
    zone = ZoneInfo("Europe/Berlin")
    midnights = [day_of(zone, to_millis(START + timedelta(days=n))).end_ms for n in range(3)]
    edges = [START + timedelta(hours=7), *map(from_millis, midnights)]
    edges.append(edges[-1] + timedelta(hours=29))
    found = winds([roof.fields.get(number=1)], edges)
    for part, (start, end) in enumerate(pairwise(edges)):
        direction, steady = right(rows, start, end, weighted=weighted)
        assert apart(found[1, part].mean, direction) < 1e-6
        assert found[1, part].steadiness == pytest.approx(steady)
    by_days = history_of(roof.fields.get(number=1), START, START + timedelta(days=DAYS), 8)
    assert by_days.step_s == 86_400
    for at, mean in zip(by_days.time, by_days.mean, strict=True):
        day = day_of(zone, int(at * 1000))
        assert day.start_ms == at * 1000
        assert apart(mean, right(rows, *map(from_millis, day), weighted=weighted)[0]) < 1e-6


def test_a_calm_has_no_direction_and_does_not_turn_the_day(roof):
    roof.fields.create(number=2, name="wind", unit="m/s")
    rows = measured(calm=range(5, 9))
    store(roof, rows)
    edges = [START + timedelta(hours=n) for n in (0, 5, 9, 20)]
    found = winds([roof.fields.get(number=1)], edges)
    assert found[1, 1] == (None, None)
    whole = winds([roof.fields.get(number=1)], [edges[0], edges[-1]])[1, 0]
    assert apart(whole.mean, right(rows, edges[0], edges[-1], weighted=True)[0]) < 1e-6


def test_a_wind_rose_counts_the_quarters_by_sector_and_speed(roof):
    roof.fields.create(number=2, name="wind", unit="km/h")
    hours = [(350.0, 3.6), (5.0, 18.0), (11.0, 36.0), (180.0, 72.0), (200.0, 0.5), (90.0, 20.0)]
    rows = [(START + timedelta(hours=n), direction, speed) for n, (direction, speed) in enumerate(hours)]
    store(roof, rows)
    found = rose(roof.fields.get(number=1), roof.fields.get(number=2), START, START + timedelta(days=1))
    counted = {(speed, sector): n for speed, row in enumerate(found.counts) for sector, n in enumerate(row) if n}
    assert counted == {(0, 0): 1, (1, 0): 1, (2, 0): 1, (4, 8): 1, (2, 4): 1}
    assert (found.calm, found.total) == (1, 6)


def test_without_a_speed_a_wind_rose_has_one_class(roof):
    store(roof, measured())
    found = rose(roof.fields.get(number=1), None, START, START + timedelta(days=DAYS))
    assert len(found.counts) == 1
    assert (found.calm, found.total) == (0, DAYS * 96)
