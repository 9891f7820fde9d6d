"""A record is told on the morning after it, once a day at most, and not before there is a year of data."""

from datetime import timedelta

import pytest

from alerts.models import Rule
from stations.models import Field
from tests.alerts.conftest import MINUTE, NOON
from tests.alerts.quarters import have_days

DAY = timedelta(days=1)


@pytest.fixture
def temperature(roof):
    Rule.objects.create(kind="record")
    field = roof.fields.get()
    Field.objects.filter(pk=field.pk).update(newest_at=NOON)
    field.refresh_from_db()
    return field


def past(field, values, yesterday):
    """Give a field some days up to the day before yesterday, and then yesterday."""
    have_days(field, NOON - (len(values) + 1) * DAY, [*values, yesterday])


def test_the_hottest_day_of_a_year_is_told_once_with_what_it_was(world, anna, temperature):
    past(temperature, [(0.0, 36.1)] + [(0.0, 30.0)] * 400, (1.0, 35.9))
    world.pass_by(17 * MINUTE)
    assert world.told() == ["Roof: a record, temperature 35.9\u202f°C"]
    assert "temperature on 23 November 2026 was the highest in a year: 35.9\u202f°C." in world.texts[0]
    for _ in range(4):
        world.skip(timedelta(hours=9))
        world.pass_by(3 * MINUTE)
    assert world.told() == []


@pytest.mark.parametrize(
    ("values", "yesterday", "words"),
    [
        ([(0.0, 30.0)] * 700, (-1.0, 20.0), "the lowest ever: \N{MINUS SIGN}1.0"),
        ([(0.0, 30.0)] * 700, (5.0, 30.2), "the highest ever: 30.2"),
        ([(-9.0, 30.0), *[(0.0, 30.0)] * 500], (-1.0, 20.0), "the lowest in a year: \N{MINUS SIGN}1.0"),
    ],
)
def test_a_record_says_which_it_is(world, anna, temperature, values, yesterday, words):
    past(temperature, values, yesterday)
    world.pass_by(3 * MINUTE)
    assert len(world.told()) == 1
    assert words in world.texts[0]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("values", "yesterday"),
    [
        ([(0.0, 30.0)] * 250, (5.0, 40.0)),  # not a year so far
        ([(0.0, 30.0)] * 700, (0.0, 30.0)),  # as high, and no higher
        ([(0.0, 30.0)] * 700, (0.0, 30.04)),  # less than is shown
    ],
)
def test_what_is_no_record_is_not_told(world, anna, temperature, values, yesterday):
    past(temperature, values, yesterday)
    world.pass_by(20 * MINUTE)
    assert world.told() == []


@pytest.mark.sqlite_only
def test_the_wettest_day_is_told_and_what_is_indoors_is_not(world, anna, temperature):
    rain = Field.objects.create(
        station=temperature.station, number=2, name="rain", unit="mm", quantity="rain_amount", newest_at=NOON
    )
    Field.objects.filter(pk=temperature.pk).update(name="indoor temperature")
    past(temperature, [(0.0, 30.0)] * 400, (5.0, 40.0))
    past(rain, [5.0] * 400, 31.0)
    world.pass_by(3 * MINUTE)
    assert world.told() == ["Roof: a record, rain 31.0\u202fmm"]
