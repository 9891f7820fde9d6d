"""Outages of a time before there was a watch are found by the readings that are missing."""

import pytest

from freetemp.fields import to_millis
from outages.causes import Cause
from outages.history import search_next
from outages.models import Outage
from readings import ingest
from readings.ingest.reports import Measurement
from tests.outages.conftest import DAY, HOUR, MINUTE, NOON

START = NOON - 30 * DAY


def store(station, ages, field=1):
    """Store readings at hours after the start."""
    ingest.store(station, [Measurement(field, to_millis(START + hours * HOUR), 4.0) for hours in ages])
    station.refresh_from_db()


def hours(first, last, step=0.25):
    return [first + n * step for n in range(int((last - first) / step))]


def search(sky, at=NOON):
    while search_next(at):
        pass
    rows = Outage.objects.order_by("began_at").values_list("began_at", "ended_at", "was_watched")
    return [((began - START) / HOUR, (ended - START) / HOUR, watched) for began, ended, watched in rows]


@pytest.fixture
def roof(sky):
    return sky.make(interval_s=300)


def test_a_gap_is_from_the_last_reading_to_the_first_after_it(sky, roof):
    store(roof, [*hours(0, 100), *hours(103.1, 300)])
    assert search(sky) == [(99.75, 103.1, False)]


def test_a_gap_of_one_field_is_none_if_another_was_measured(sky, roof):
    roof.fields.create(number=2, name="humidity", unit="%")
    roof.fields.create(number=3, name="wind direction", unit="deg")
    store(roof, [*hours(0, 100), *hours(150, 300)])
    store(roof, [*hours(90, 120), *hours(140, 160)], field=2)
    store(roof, [200], field=3)
    assert search(sky) == [(119.75, 140, False)]


def test_a_station_with_a_wind_vane_alone_is_searched_in_vain(sky):
    vane = sky.make("Vane")
    vane.fields.update(name="wind direction", unit="deg", quantity="wind_direction")
    store(vane, hours(0, 10))
    assert search(sky) == []


def test_an_hourly_or_daily_import_has_its_own_rhythm(sky, roof):
    store(roof, [*hours(0, 240, 1), *hours(260, 500, 1)])
    daily = sky.make("Daily")
    store(daily, [*hours(0, 480, 24), *hours(660, 709, 24)])
    assert search(sky) == [(239, 260, False), (456, 660, False)]


def test_what_is_usual_there_is_none(sky, roof):
    """It sleeps each night, as a station with a small solar panel does."""
    store(roof, [hour for day in range(20) for hour in hours(24 * day, 24 * day + 16)])
    assert search(sky) == []


def test_what_the_watch_has_seen_is_not_found_again(sky, roof):
    store(roof, [*hours(0, 100), *hours(103, 200)])
    seen = {"station": roof, "began_at": START + 99 * HOUR, "ended_at": START + 103 * HOUR}
    Outage.objects.create(**seen)
    assert search(sky) == [(99, 103, True)]


def test_readings_that_are_imported_later_fill_a_gap(sky, roof):
    store(roof, [*hours(0, 100), *hours(103, 200), *hours(210, 300)])
    assert len(search(sky)) == 2
    store(roof, hours(100, 103))
    assert len(search(sky)) == 2
    assert search(sky, NOON + 2 * DAY) == [(199.75, 210, False)]


def test_what_is_new_is_searched_day_by_day(sky, roof):
    store(roof, hours(0, 400))
    assert search(sky, START + 400 * HOUR) == []
    store(roof, [*hours(400, 450), *hours(455, 500)])
    assert search(sky, START + 425 * HOUR) == []
    assert search(sky, START + 560 * HOUR) == [(449.75, 455, False)]
    assert search(sky, START + 700 * HOUR) == [(449.75, 455, False)]


def test_its_cause_is_weighed_by_what_is_known(sky, roof):
    store(roof, [*hours(0, 100), *hours(103, 200)])
    sky.run(*((START - NOON) / MINUTE + minute for minute in (5986, 6178)))
    search(sky)
    sky.hear(0, roof)
    sky.look(1)
    outage = Outage.objects.get()
    assert (outage.cause, outage.expected, outage.weigh_at) == (Cause.SERVER, 38, None)


def test_a_search_is_made_once_a_day(sky, roof):
    store(roof, hours(0, 100))
    assert search_next(NOON) == roof
    assert search_next(NOON + 23 * HOUR) is None
    assert search_next(NOON + 25 * HOUR) == roof
