"""Rollups of rain and of wind, where one reading changes what another one means."""

from datetime import UTC, datetime

import pytest

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.ingest.reports import Measurement, SingleValue
from readings.ingest.store_group import store_together
from readings.models import Day, DirectionDay, Quarter
from readings.rollups.rebuild import rebuild
from stations.models import Claim, Key, Station
from tests.readings.rollups.counted import assert_rollups_equal_the_readings

pytestmark = pytest.mark.django_db

NOON_MS = to_millis(datetime(2026, 6, 1, 12, tzinfo=UTC))
MINUTE_MS = 60_000


@pytest.fixture
def roof():
    """A station whose direction comes before its speed, and which got the speed that counts first."""
    station = Station.objects.create(name="Roof", timezone="UTC", mac="02:00:00:00:00:77")
    station.fields.all().delete()
    station.fields.create(number=5, name="rain", unit="mm")
    station.fields.create(number=1, name="wind direction", unit="deg")
    station.fields.create(number=3, name="wind", unit="m/s")
    station.fields.create(number=2, name="another wind", unit="m/s")
    return station


def store(station, *rows):
    ingest.store(station, [Measurement(number, NOON_MS + minute * MINUTE_MS, value) for number, minute, value in rows])


def weights():
    return [(day.count, day.count_with_speed, day.speed) for day in DirectionDay.objects.all()]


def test_a_speed_that_arrives_after_its_direction_weighs_it(roof):
    store(roof, (1, 0, 90.0), (1, 20, 180.0))
    assert weights() == [(2, 0, 0.0)]
    store(roof, (3, 1, 4.0))
    assert weights() == [(2, 1, 4.0)]
    store(roof, (2, 2, 50.0))
    assert weights() == [(2, 1, 4.0)], "the first speed of a station counts"
    store(roof, (3, 21, 2.0))
    assert weights() == [(2, 2, 6.0)]
    assert_rollups_equal_the_readings(roof)


def test_a_single_value_of_the_speed_weighs_the_direction_of_its_quarter(roof):
    claim = Claim.of(roof.mac, Key.objects.issue(roof))
    moment_ms, _ = store_together([SingleValue(claim, 1, 90.0), SingleValue(claim, 1, 100.0)])
    store_together([SingleValue(claim, 3, 4.0)])
    speed = roof.readings.get(field=3)
    same_quarter = to_millis(speed.measured_at) // 900_000 == moment_ms // 900_000
    assert DirectionDay.objects.latest("start").count_with_speed == int(same_quarter)
    assert_rollups_equal_the_readings(roof)


def test_a_speed_that_is_one_no_more_weighs_nothing_and_the_next_does(roof):
    store(roof, (1, 0, 90.0), (3, 1, 4.0), (2, 2, 7.0))
    field = roof.fields.get(number=3)
    field.quantity = "other"
    field.save()
    assert weights() == [(1, 1, 7.0)]
    field.quantity = "wind_speed"
    field.save()
    assert weights() == [(1, 1, 4.0)]


def test_damaged_quarters_of_the_speed_are_mended_with_the_days_of_the_direction_at_once(roof):
    store(roof, (1, 0, 90.0), (3, 1, 4.0))
    Quarter.objects.filter(field=3).update(sum=40.0)
    DirectionDay.objects.update(speed=40.0, speed_east=40.0)
    rebuild(roof)
    assert rebuild(roof, mend=False) == []
    assert weights() == [(1, 1, 4.0)]


def test_rain_at_a_full_quarter_is_that_of_the_quarter_before(roof):
    store(roof, (5, -10, 0.2), (5, 0, 0.4), (5, 5, 0.8))
    assert list(Quarter.objects.order_by("start").values_list("sum", flat=True)) == pytest.approx([0.6, 0.8])
    assert ingest.remove(roof, 5, from_millis(NOON_MS + 1), from_millis(NOON_MS + 10 * MINUTE_MS)) == 1
    assert list(Quarter.objects.values_list("sum", flat=True)) == pytest.approx([0.6])
    assert_rollups_equal_the_readings(roof)


def test_the_first_rain_of_all_is_found_again_at_midnight(roof):
    """Its quarter and its day begin before its moment."""
    ingest.store(roof, [Measurement(5, NOON_MS + 12 * 60 * MINUTE_MS, 0.4)])
    for rollup in (Quarter, Day):
        rollup.objects.all().delete()
    rebuild(roof)
    assert Day.objects.get().start == from_millis(NOON_MS - 12 * 60 * MINUTE_MS)
    assert_rollups_equal_the_readings(roof)
