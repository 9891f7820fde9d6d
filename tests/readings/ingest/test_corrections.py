"""Corrections change only the intended readings, and none of another field, moment or station."""

from datetime import UTC, datetime
from math import inf, nan

import pytest

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from readings.models import Day, Quarter, Reading
from stations.models import Station
from tests.readings.rollups.counted import assert_rollups_equal_the_readings

pytestmark = pytest.mark.django_db

NOON_MS = to_millis(datetime(2026, 6, 1, 12, tzinfo=UTC))
MOMENTS_MS = [NOON_MS + n for n in (0, 1, 2, 3)]


@pytest.fixture
def stations(station):
    """Two stations with two fields each; all fields have readings at the same moments."""
    both = [station, Station.objects.create(name="Other")]
    for each in both:
        each.fields.create(number=2, name="humidity", unit="%")
        ingest.store(each, [Measurement(field, at, 1.0) for field in (1, 2) for at in MOMENTS_MS])
    return both


def moments(station, field):
    readings = Reading.objects.filter(station=station, field=field).order_by("measured_at")
    return [to_millis(at) for at in readings.values_list("measured_at", flat=True)]


def assert_all_follows(stations):
    for station in stations:
        assert_rollups_equal_the_readings(station)
        for field in station.fields.all():
            last = Reading.objects.filter(station=station, field=field.number).order_by("-measured_at").first()
            assert (field.newest_at, field.newest_value) == (last and last.measured_at, last and last.value)


@pytest.mark.parametrize("moment_ms", MOMENTS_MS)
def test_one_reading_is_corrected_and_no_other(stations, moment_ms):
    assert ingest.correct(stations[0], 1, from_millis(moment_ms), 9.0) is True
    changed = Reading.objects.filter(value=9.0).values_list("station", "field", "measured_at")
    assert list(changed) == [(stations[0].pk, 1, from_millis(moment_ms))]
    assert Reading.objects.filter(value=1.0).count() == 15
    assert_all_follows(stations)


def test_the_last_hours_of_a_day_are_removed_from_the_day_as_well(station):
    for hour in range(3):
        ingest.store(station, [Measurement(1, NOON_MS + hour * 3_600_000, float(hour))])
    assert ingest.remove(station, 1, from_millis(NOON_MS + 3_600_000), from_millis(NOON_MS + 10_800_000)) == 2
    assert_all_follows([station])


def test_where_there_is_no_such_reading_nothing_is_corrected(stations):
    assert ingest.correct(stations[0], 1, from_millis(NOON_MS + 4), 9.0) is False
    assert ingest.correct(stations[0], 3, from_millis(NOON_MS), 9.0) is False
    assert not Reading.objects.filter(value=9.0).exists()


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_a_reading_is_corrected_to_a_finite_number(stations, value):
    with pytest.raises(ValueError, match="finite"):
        ingest.correct(stations[0], 1, from_millis(NOON_MS), value)
    assert Reading.objects.filter(value=1.0).count() == 16


def test_what_is_removed_begins_with_the_start_and_ends_before_the_end(stations):
    assert ingest.remove(stations[0], 1, from_millis(NOON_MS + 1), from_millis(NOON_MS + 3)) == 2
    assert moments(stations[0], 1) == [NOON_MS, NOON_MS + 3]
    assert [moments(*each) for each in ((stations[0], 2), (stations[1], 1), (stations[1], 2))] == [MOMENTS_MS] * 3
    assert_all_follows(stations)


@pytest.mark.parametrize("rows", [1, 3, 4, 5])
def test_raw_readings_are_summarised_in_parts_and_only_those_before_and_of_this_station(stations, monkeypatch, rows):
    monkeypatch.setattr("readings.ingest.corrections.ROWS_A_DELETE", rows)
    quarter = NOON_MS + 900_000
    for each in stations:
        ingest.store(each, [Measurement(1, quarter, 2.0)])
    assert sum(ingest.summarise(stations[0], from_millis(quarter))) == 8
    assert (moments(stations[0], 1), moments(stations[0], 2)) == ([quarter], [])
    assert (moments(stations[1], 1), moments(stations[1], 2)) == ([*MOMENTS_MS, quarter], MOMENTS_MS)
    since = dict(Station.objects.values_list("name", "raw_since"))
    assert since == {"Garden": from_millis(quarter), "Other": None}


def test_no_part_of_a_delete_takes_more_rows_than_it_may(stations, monkeypatch):
    monkeypatch.setattr("readings.ingest.corrections.ROWS_A_DELETE", 3)
    assert list(ingest.delete_station(stations[0])) == [3, 1, 3, 1]


def test_a_station_that_is_deleted_is_heard_no_more_from_the_first_part_on_and_takes_only_its_own(stations):
    deleting = ingest.delete_station(stations[0])
    next(deleting)
    assert dict(Station.objects.values_list("name", "active")) == {"Garden": False, "Other": True}
    list(deleting)
    assert list(Station.objects.all()) == [stations[1]]
    for rollup in (Quarter, Day):
        assert set(rollup.objects.values_list("station", flat=True)) == {stations[1].pk}
    assert_all_follows(stations[1:])
