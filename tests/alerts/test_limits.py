"""Values beyond a limit are told after a while, and are over when they have come back for good."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from alerts.models import Incident, Rule
from alerts.preview.spells import past
from freetemp.fields import to_millis
from readings.calendar.span import QUARTER_MS
from readings.models import Quarter
from readings.models.summary import Total
from stations.models import Field
from tests.alerts.conftest import MINUTE, NOON, make_recipient


@pytest.fixture
def temperature(roof):
    return roof.fields.get()


def measure(world, field, *values):
    """Let a minute pass for each value."""
    for value in values:
        Field.objects.filter(pk=field.pk).update(newest_value=value, newest_at=world.now)
        world.pass_by(MINUTE)


def above(field, limit=35.0, **own):
    return Rule.objects.create(kind="above", field=field, limit=limit, **own)


def test_a_value_above_is_told_after_a_while_with_the_highest(world, anna, temperature):
    above(temperature)
    measure(world, temperature, *[36.0] * 5, 37.5, *[36.0] * 4)
    assert world.told() == []
    measure(world, temperature, *[36.0] * 3)
    assert world.told() == ["Roof: temperature 36.0 °C".replace(" °", "\u202f°")]
    assert "temperature is above 35.0\u202f°C since 12:00." in world.texts[0]
    measure(world, temperature, 38.2, 34.6, 34.4)
    measure(world, temperature, *[34.0] * 5)
    assert world.told() == ["Roof: temperature is back"]
    assert "was above 35.0\u202f°C for 15\xa0minutes, from 12:00 to 12:15, and up to 38.2\u202f°C" in world.texts[0]


@pytest.mark.sqlite_only
def test_values_are_told_in_the_units_of_the_recipient(world, temperature):
    make_recipient(units="degF:hPa:km/h:mm")
    above(temperature)
    measure(world, temperature, *[36.0] * 13)
    assert world.told() == ["Roof: temperature 96.8\u202f°F"]
    assert "is above 95.0\u202f°F since" in world.texts[0]


@pytest.mark.sqlite_only
def test_a_value_that_is_beyond_only_now_and_then_is_not_told(world, anna, temperature):
    above(temperature)
    measure(world, temperature, *([36.0] * 8 + [34.9]) * 3)
    assert world.told() == []


def test_frost_is_told_at_once_if_the_rule_says_so(world, anna, temperature):
    Rule.objects.create(kind="below", field=temperature, limit=0.0, minutes=0)
    measure(world, temperature, 0.0, -0.1, -0.4)
    assert world.told() == ["Roof: temperature \N{MINUS SIGN}0.4\u202f°C"]


@pytest.mark.parametrize("own", [{"minutes": 30}, {"active": False}])
def test_a_rule_has_its_own_time_and_may_be_off(world, anna, temperature, own):
    above(temperature, **own)
    measure(world, temperature, *[36.0] * 25)
    assert world.told() == []


@pytest.mark.sqlite_only
def test_an_old_value_tells_nothing_of_now(world, anna, temperature):
    above(temperature)
    measure(world, temperature, 36.0)
    world.pass_by(30 * MINUTE)
    assert world.told() == []


@pytest.mark.sqlite_only
def test_an_implausible_value_tells_nothing(world, anna, temperature):
    Field.objects.filter(pk=temperature.pk).update(largest=60.0)
    above(temperature)
    measure(world, temperature, *[85.0] * 15)
    assert world.told() == []


def test_a_rule_that_is_switched_off_ends_its_incident_without_a_word(world, anna, temperature):
    rule = above(temperature)
    measure(world, temperature, *[36.0] * 13)
    assert len(world.told()) == 1
    Rule.objects.filter(pk=rule.pk).update(active=False)
    measure(world, temperature, *[30.0] * 6)
    assert world.told() == []
    assert Incident.objects.get().dropped


@pytest.mark.parametrize(
    ("kind", "limit", "beyond", "between", "back"),
    [
        ("above", 35.0, 35.1, 34.6, 34.5),
        ("below", 2.0, 1.9, 2.4, 2.5),
    ],
)
def test_the_hysteresis_is_that_of_the_unit(temperature, kind, limit, beyond, between, back):
    rule = Rule(kind=kind, field=temperature, limit=limit)
    assert [rule.is_beyond(value) for value in (beyond, limit, back)] == [True, False, False]
    assert [rule.is_back(value) for value in (beyond, limit, between, back)] == [False, False, False, True]
    assert Rule(kind=kind, field=temperature, limit=limit, hysteresis=0).is_back(limit)


def test_a_rule_says_what_it_lacks(temperature):
    for own in (
        {"kind": "above", "field": temperature},
        {"kind": "silent", "field": temperature},
        {"kind": "below", "limit": 3.0},
        {"kind": "silent"},  # There is one for every station from the start.
    ):
        with pytest.raises(ValidationError):
            Rule(**own).full_clean()
    rain = Field.objects.create(station=temperature.station, number=2, name="rain", unit="mm")
    with pytest.raises(ValidationError, match="A sum or a direction has no limit"):
        Rule(kind="above", field=rain, limit=3.0).full_clean()
    Rule(kind="above", field=temperature, limit=3.0).full_clean()


def test_the_past_year_shows_how_often_a_rule_would_have_spoken(temperature):
    highs = [20, 36, 36, 36, 34.8, 36, 30, 36, 20, 36, 36, 36, 36]  # by quarters of an hour
    start_ms = to_millis(NOON - timedelta(days=30))
    Quarter.objects.add(
        {
            (temperature.station_id, 1, start_ms + n * QUARTER_MS): Total(1, float(high), float(high), float(high))
            for n, high in enumerate(highs)
        }
    )
    rule = Rule(kind="above", field=temperature, limit=35.0, minutes=60)
    found = [
        ((span.start_ms - start_ms) // QUARTER_MS, (span.end_ms - start_ms) // QUARTER_MS)
        for _, span in past(rule, NOON).spells
    ]
    assert found == [(1, 6), (9, 13)]
    rule.minutes = 10
    assert len(past(rule, NOON).spells) == 3
    assert past(Rule(kind="below", field=temperature, limit=0.0), NOON).spells == []
