"""The statements that write readings: for few or many at once, they return each new row, and no repeat."""

from datetime import UTC, datetime

import pytest

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.insert import FEW, insert_readings, moments_from
from readings.ingest.reports import Measurement
from readings.models import Reading
from stations.models import Station
from tests.readings.rollups.counted import assert_rollups_equal_the_readings

pytestmark = pytest.mark.django_db

NOON_MS = to_millis(datetime(2026, 6, 1, 12, tzinfo=UTC))


@pytest.mark.parametrize("count", [1, FEW, FEW + 1, 1_201])
def test_the_rows_that_are_new_are_told_and_the_others_stay_as_they_were(station, count):
    rows = {(station.pk, 1, NOON_MS + n): 1.0 for n in range(count)}
    assert set(insert_readings(rows)) == rows.keys()
    more = {(station.pk, 1, NOON_MS + n): 2.0 for n in range(count // 2, count + 1)}
    assert set(insert_readings(more)) == {(station.pk, 1, NOON_MS + count)}
    assert set(insert_readings(more)) == set()
    values = list(Reading.objects.order_by("measured_at").values_list("value", flat=True))
    assert values == [1.0] * count + [2.0]


@pytest.mark.parametrize("count", [3, 3 * FEW])
def test_readings_that_come_again_with_others_count_once(station, count):
    rows = [Measurement(1, NOON_MS + n * 60_000, n % 7) for n in range(count)]
    assert ingest.store(station, rows[: count // 2]) == count // 2
    assert ingest.store(station, rows) == count - count // 2
    assert_rollups_equal_the_readings(station)


def test_the_moments_from_one_on_are_those_of_one_field(station):
    station.fields.create(number=2, name="humidity", unit="%")
    other = Station.objects.create(name="Other")
    ingest.store(station, [Measurement(1, NOON_MS + n, 1.0) for n in (-1, 0, 2, 5)])
    ingest.store(station, [Measurement(2, NOON_MS + 3, 1.0)])
    ingest.store(other, [Measurement(1, NOON_MS + 4, 1.0)])
    assert moments_from(station.pk, 1, NOON_MS) == {NOON_MS, NOON_MS + 2, NOON_MS + 5}
    assert moments_from(station.pk, 1, NOON_MS, limit=2) == {NOON_MS, NOON_MS + 2}
