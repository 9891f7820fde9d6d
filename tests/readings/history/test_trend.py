"""A field rises or falls by its readings, and noise does not look like a trend."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from freetemp.fields import to_millis
from readings import ingest
from readings.history.trend import _error, _pace, trends
from readings.ingest.reports import Measurement
from readings.models.summary import Total
from stations.models import Field, Station

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def report(station, value_at, every=MINUTE, length=timedelta(hours=4), number=1):
    """Store a field's values at even distances until half a minute ago; `value_at` takes the hours before that."""
    last = NOW - MINUTE / 2
    moments = [last - n * every for n in range(length // every)]
    ingest.store(
        station, [Measurement(number, to_millis(at), value_at((last - at) / timedelta(hours=1))) for at in moments]
    )


def of(station, now=NOW):
    return trends(station, list(station.fields.all()), now)


def test_a_temperature_is_compared_with_an_hour_before(station):
    report(station, lambda hours: 15 - 0.8 * hours)
    (trend,) = of(station).values()
    assert (trend.direction, trend.hours) == ("rising", 1)
    assert trend.difference == pytest.approx(0.8, abs=1e-9)


def test_a_pressure_is_compared_with_three_hours_before_and_its_pace_is_said(station):
    Field.objects.update(name="pressure", unit="hPa")
    report(station, lambda hours: 1000 + 4.5 / 3 * hours)
    (trend,) = of(station).values()
    assert (trend.direction, trend.hours, trend.pace) == ("falling", 3, "quickly")
    assert trend.difference == pytest.approx(-4.5, abs=1e-9)


@pytest.mark.parametrize(
    ("hpa", "pace"), [(0.3, "slowly"), (1.4, "slowly"), (1.7, ""), (3.4, ""), (3.7, "quickly"), (6.2, "rapidly")]
)
@pytest.mark.parametrize("unit", ["hPa", "inHg"])
def test_the_paces_of_a_pressure_are_those_of_marine_forecasts(station, hpa, pace, unit):
    Field.objects.update(name="pressure", unit=unit, decimals=3)
    size = {"hPa": 1, "inHg": 33.86389}[unit]
    report(station, lambda hours: (1000 - hpa / 3 * hours) / size)
    assert of(station)[1].pace == pace


@pytest.mark.parametrize("seed", range(20))
def test_noise_alone_is_steady(station, seed):
    rng = random.Random(seed)
    report(station, lambda hours: 15 + rng.gauss(0, 0.3))
    assert of(station)[1].is_steady


def test_what_rises_is_seen_through_noise(station):
    rng = random.Random(4)
    report(station, lambda hours: 15 - 0.8 * hours + rng.gauss(0, 0.3))
    assert of(station)[1].direction == "rising"


@pytest.mark.parametrize(("decimals", "direction"), [(0, "steady"), (1, "rising")])
def test_what_is_hardly_shown_is_steady(station, decimals, direction):
    Field.objects.update(decimals=decimals)
    report(station, lambda hours: 50 - 0.9 * hours)
    assert of(station)[1].direction == direction


def test_a_spike_that_is_not_plausible_says_nothing(station):
    Field.objects.update(largest=60)
    report(station, lambda hours: 85.0 if hours == 0 else 15.0)
    assert of(station)[1].is_steady


@pytest.mark.parametrize("minutes", [20, 30, 60])
def test_a_station_that_reports_seldom_is_looked_at_over_three_hours(station, minutes):
    Station.objects.update(interval_s=60 * minutes)
    station.refresh_from_db()
    report(station, lambda hours: 15 - 0.5 * hours, every=minutes * MINUTE, length=timedelta(hours=6))
    (trend,) = of(station).values()
    assert (trend.direction, trend.hours) == ("rising", 3)
    assert trend.difference == pytest.approx(1.5, abs=1e-9)


def test_there_is_no_trend_of_a_station_that_is_late_new_or_reports_by_the_half_day(station):
    assert of(station) == {}
    report(station, lambda hours: 15.0, length=timedelta(minutes=50))
    assert of(station) == {}
    report(station, lambda hours: 15.0)
    assert 1 in of(station)
    assert of(station, NOW + 3 * MINUTE) == {}
    Station.objects.update(interval_s=43_200)
    station.refresh_from_db()
    assert of(station) == {}


def test_a_field_that_has_fallen_silent_has_none(station):
    station.fields.create(number=2, name="humidity", unit="%")
    report(station, lambda hours: 15.0)
    ingest.store(station, [Measurement(2, to_millis(NOW - timedelta(hours=1) - n * MINUTE), 50.0) for n in range(20)])
    assert of(station).keys() == {1}


def test_one_question_is_asked_for_all_fields(station, django_assert_num_queries):
    for number in range(2, 20):
        station.fields.create(number=number, name=f"field {number}")
        report(station, lambda hours: 15.0, number=number, every=5 * MINUTE)
    fields = list(station.fields.all())
    with django_assert_num_queries(1):
        assert len(trends(station, fields, NOW)) == 18


@pytest.mark.parametrize(
    ("hpa", "pace"),
    [(0, "slowly"), (1.5, "slowly"), (1.51, ""), (3.5, ""), (3.51, "quickly"), (6, "quickly"), (6.01, "rapidly")],
)
def test_a_pace_reaches_to_the_limit_that_ends_it(hpa, pace):
    assert _pace(hpa) == pace


def test_the_error_of_a_mean_is_that_of_its_range():
    """With 10 values, log10 is 1: a range of 3 means a deviation of 1. With 100 values the factor is 2 ** 0.75."""
    assert _error(Total(10, 0.0, -1.0, 2.0)) == pytest.approx(1 / 10**0.5)
    assert _error(Total(100, 0.0, 5.0, 8.0)) == pytest.approx(2**-0.75 / 10)
    assert _error(Total(1, 5.0, 5.0, 5.0)) == 0
    assert _error(Total(2, 9.0, 3.0, 6.0)) > 0


def at(station, *moments, number=1):
    """Store values by their age before NOW, less half a minute."""
    ingest.store(station, [Measurement(number, to_millis(NOW - MINUTE / 2 - age), value) for age, value in moments])


def test_the_newest_quarter_of_an_hour_is_compared_with_the_one_an_hour_before_to_the_millisecond(station):
    quarter, hour, ms = 15 * MINUTE, 60 * MINUTE, timedelta(milliseconds=1)
    newest = [(timedelta(), 10.0), (quarter - ms, 12.0), (quarter, 99.0)]
    before = [(hour - ms, 99.0), (hour, 4.0), (hour + quarter - ms, 6.0), (hour + quarter, 99.0)]
    at(station, *newest, *before)
    assert of(station)[1].difference == 6.0


@pytest.mark.parametrize(("minutes", "hours"), [(15, 1), (16, 3)])
def test_who_reports_each_quarter_of_an_hour_is_compared_with_an_hour_before_and_less_often_with_three(
    station, minutes, hours
):
    Station.objects.update(interval_s=60 * minutes)
    station.refresh_from_db()
    at(station, (timedelta(), 10.0), *((timedelta(hours=ago), 10.0 - ago) for ago in (1, 3)))
    assert (of(station)[1].hours, of(station)[1].difference) == (hours, hours)


def test_a_change_of_two_steps_is_one_and_less_is_steady(station):
    """Two of the last decimal place count: without decimals, that is two degrees."""
    Field.objects.update(decimals=0)
    at(station, (timedelta(), 12.0), (timedelta(hours=1), 10.0))
    assert of(station)[1].direction == "rising"
    Field.objects.update(decimals=0)
    at(station, (MINUTE, 11.99))
    assert of(station)[1].direction == "steady"


def test_a_change_beyond_two_standard_errors_of_both_is_one(station):
    """Ten readings over a range of 3 degrees on either side: one error is 1 / sqrt(10), and two of both are 0.894."""
    spread = [-1.5, 1.5, *[0.0] * 8]
    for more, direction in ((0.88, "steady"), (0.91, "rising"), (-0.91, "falling")):
        ingest.remove(station, 1, NOW - timedelta(days=1), NOW)
        at(station, *((n * MINUTE, 15 + more + value) for n, value in enumerate(spread)))
        at(station, *((timedelta(hours=1) + n * MINUTE, 15 + value) for n, value in enumerate(spread)))
        assert of(station)[1].direction == direction, more


def test_a_station_has_a_trend_until_it_is_late(station):
    report(station, lambda hours: 15.0)
    newest = NOW - MINUTE / 2
    assert of(station, newest + 3 * MINUTE)
    assert not of(station, newest + 3 * MINUTE + timedelta(milliseconds=1))


def test_hours_are_counted_for_each_field_by_its_kind(station):
    station.fields.create(number=2, name="pressure", unit="hPa")
    for number in (1, 2):
        at(station, *((timedelta(hours=ago), 1000.0 - ago) for ago in range(4)), number=number)
    found = of(station)
    assert {number: (each.hours, each.difference) for number, each in found.items()} == {1: (1, 1.0), 2: (3, 3.0)}
    assert (found[1].pace, found[2].pace) == ("", "")
