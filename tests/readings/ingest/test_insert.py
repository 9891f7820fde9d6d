"""The statements that write readings: for few or many at once, they return each new row, and no repeat."""

from datetime import UTC, datetime

import pytest

from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.insert import FEW, insert_readings, moments_from, stored_values
from readings.ingest.reports import Measurement
from readings.ingest.rows import Rows
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


def test_a_repeat_that_the_newest_value_does_not_announce_counts_once(station):
    """PostgreSQL inserts what is later than the newest without looking for repeats, and then finds this one."""
    rows = [Measurement(1, NOON_MS + n * 60_000, n) for n in range(4)]
    ingest.store(station, rows[:2])
    station.fields.update(newest_at=None, newest_value=None)
    told = ingest.store_and_compare(station, Rows.of(station.pk, [rows[0], rows[1]._replace(value=7.0), *rows[2:]]))
    assert (told.new, told.repeats, [each.stored for each in told.other_values]) == (2, 1, [1.0])
    assert_rollups_equal_the_readings(station)


def test_the_moments_from_one_on_are_those_of_one_field(station):
    station.fields.create(number=2, name="humidity", unit="%")
    other = Station.objects.create(name="Other")
    ingest.store(station, [Measurement(1, NOON_MS + n, 1.0) for n in (-1, 0, 2, 5)])
    ingest.store(station, [Measurement(2, NOON_MS + 3, 1.0)])
    ingest.store(other, [Measurement(1, NOON_MS + 4, 1.0)])
    assert moments_from(station.pk, 1, NOON_MS) == {NOON_MS, NOON_MS + 2, NOON_MS + 5}
    assert moments_from(station.pk, 1, NOON_MS, limit=2) == {NOON_MS, NOON_MS + 2}


@pytest.mark.parametrize("count", [0, 1, 1_201])
def test_the_stored_values_of_some_keys_are_those_of_exactly_these(station, count):
    station.fields.create(number=2, name="humidity", unit="%")
    ingest.store(station, [Measurement(field, NOON_MS + n, n / 7 + field) for n in range(count) for field in (1, 2)])
    asked = [(station.pk, 1, NOON_MS + n) for n in range(-1, count + 1)] + [(station.pk + 1, 1, NOON_MS)]
    assert stored_values(asked) == {(station.pk, 1, NOON_MS + n): n / 7 + 1 for n in range(count)}
    assert stored_values([]) == {}


def test_a_repeat_is_told_from_another_value_for_its_moment(station):
    first = [Measurement(1, NOON_MS, 1.5), Measurement(1, NOON_MS + 1, 2.0)]
    ingest.store(station, first)
    again = [
        *first,
        Measurement(1, NOON_MS + 1, 3.0),
        Measurement(1, NOON_MS + 2, 4.0),
        Measurement(1, NOON_MS + 2, 5.0),
    ]
    compared = ingest.compare(station, again, {})
    told = ingest.store_and_compare(station, Rows.of(station.pk, again))
    assert told == compared
    assert (told.new, told.repeats) == (1, 2)
    assert [(other.measurement.value, other.stored) for other in told.other_values] == [(3.0, 2.0), (5.0, 4.0)]
    assert list(Reading.objects.order_by("measured_at").values_list("value", flat=True)) == [1.5, 2.0, 4.0]
    assert_rollups_equal_the_readings(station)
