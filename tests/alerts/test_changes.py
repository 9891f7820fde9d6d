"""What values do within some hours is told: they fall or rise fast, may freeze tonight, sum up, or gust."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from alerts.models import Incident, Rule
from readings.models import Reading
from stations.models import Field
from tests.alerts.conftest import MINUTE, NOON, make_recipient
from tests.alerts.quarters import have

HOUR = timedelta(hours=1)


@pytest.fixture
def temperature(roof):
    return roof.fields.get()


def add(station, name, unit, quantity):
    return Field.objects.create(station=station, number=2, name=name, unit=unit, quantity=quantity)


def go_on(world, field, values, *, before=3 * HOUR):
    """Give a field the quarters that end now, and let the watch look."""
    have(field, world.now - before, values)
    world.pass_by(3 * MINUTE)


def test_frost_tonight_is_told_in_the_evening_by_what_the_last_three_hours_fell(world, anna, temperature):
    Rule.objects.create(kind="heading", field=temperature, limit=0.0)
    evening = [9.0, 8.5, 8.0, 7.5, 7.0, 6.6, 6.2, 5.8, 5.5, 5.2, 4.9, 4.7, 4.5]
    go_on(world, temperature, evening, before=13 * HOUR / 4)  # 4.5 now, 4.5 less than three hours ago: it may reach 0
    assert world.told() == []
    world.now += HOUR / 4
    go_on(world, temperature, [3.9], before=HOUR / 4)
    assert world.told() == ["Roof: temperature may go below 0.0 °C".replace(" °", "\u202f°")]
    assert (
        "temperature may go below 0.0\u202f°C: down to \N{MINUS SIGN}0.7\u202f°C, if it falls once more by as much as "
        "in the last 3\xa0hours." in world.texts[0]
    )
    clouds = [3.2] * 13
    world.now += 13 * HOUR / 4
    go_on(world, temperature, clouds, before=13 * HOUR / 4)
    world.pass_by(5 * MINUTE)
    assert world.told() == ["Roof: temperature falls no more"]
    assert "The lowest was 3.2\u202f°C" in world.texts[0]


def test_a_fast_fall_is_told_in_the_degrees_of_the_recipient_and_its_end(world, temperature):
    make_recipient(units="degF:hPa:m/s:mm")
    Rule.objects.create(kind="falls", field=temperature, limit=5.0)
    go_on(world, temperature, [20.0] * 12 + [14.0], before=13 * HOUR / 4)
    assert world.told() == ["Roof: temperature falls fast"]
    assert "has fallen by 10.8\u202f°F in 3\xa0hours, which is more than 9.0\u202f°F" in world.texts[0]
    world.now += 3 * HOUR
    go_on(world, temperature, [13.0] * 12)
    world.pass_by(5 * MINUTE)
    assert world.told() == ["Roof: temperature is steadier again"]
    assert "fell by up to 10.8\u202f°F in 3\xa0hours, from " in world.texts[0]


def test_pressure_that_rises_within_its_own_hours_is_told(world, anna, roof):
    pressure = add(roof, "pressure", "hPa", "pressure")
    Rule.objects.create(kind="rises", field=pressure, limit=2.0, hours=1)
    go_on(world, pressure, [1000.0, 1000.5, 1001.0, 1001.5, 1001.9], before=5 * HOUR / 4)
    assert world.told() == []
    world.now += HOUR / 4
    go_on(world, pressure, [1002.8], before=HOUR / 4)
    assert world.told() == ["Roof: pressure rises fast"]


def test_rain_of_an_hour_is_told_and_is_over_when_less_comes(world, anna, roof):
    rain = add(roof, "rain", "mm", "rain_amount")
    Rule.objects.create(kind="rain", field=rain, limit=10.0)
    go_on(world, rain, [3.0, 3.0, 3.0], before=3 * HOUR / 4)
    assert world.told() == []
    go_on(world, rain, [2.5], before=timedelta())
    assert world.told() == ["Roof: rain 11.5\u202fmm in 1\xa0hour"]
    assert "rain was 11.5\u202fmm in 1\xa0hour, which is more than 10.0\u202fmm." in world.texts[0]
    world.now += HOUR / 2
    world.pass_by(8 * MINUTE)
    assert world.told() == ["Roof: rain is back"]


def test_one_gust_is_enough_and_is_over_after_an_hour_without(world, anna, roof):
    gust = add(roof, "gust", "m/s", "wind_gust")
    Rule.objects.create(kind="gust", field=gust, limit=20.0)
    go_on(world, gust, [23.0, 9.0], before=HOUR / 4)
    assert world.told() == ["Roof: gust 23.0\u202fm/s"]
    world.pass_by(30 * MINUTE)
    assert world.told() == []
    world.now += HOUR
    go_on(world, gust, [9.0], before=timedelta())
    world.pass_by(5 * MINUTE)
    assert world.told() == ["Roof: gust is back"]
    assert "was above 20.0\u202fm/s now and then" in world.texts[0]


@pytest.mark.sqlite_only
def test_a_gust_that_a_board_delivers_after_a_while_is_not_told(world, anna, roof):
    gust = add(roof, "gust", "m/s", "wind_gust")
    Rule.objects.create(kind="gust", field=gust, limit=20.0, hours=6)
    go_on(world, gust, [23.0, 9.0, 9.0, 9.0], before=HOUR)
    assert world.told() == []


@pytest.mark.sqlite_only
def test_history_that_is_imported_is_not_told(world, anna, roof, temperature):
    """What was measured long ago is no news, however it looked then."""
    Rule.objects.create(kind="falls", field=temperature, limit=5.0)
    Rule.objects.create(kind="below", field=temperature, limit=0.0, minutes=0)
    have(temperature, NOON - timedelta(days=30), [20.0] * 12 + [-10.0] * 12)
    Field.objects.filter(pk=temperature.pk).update(newest_value=-10.0, newest_at=NOON - timedelta(days=29))
    world.pass_by(5 * MINUTE)
    assert world.told() == []


@pytest.mark.sqlite_only
def test_a_station_that_is_silent_tells_nothing_of_now(world, anna, roof, temperature):
    Rule.objects.create(kind="falls", field=temperature, limit=5.0)
    world.off.add("Roof")
    Rule.objects.create(kind="silent", station=roof, active=False)
    world.pass_by(60 * MINUTE)
    go_on(world, temperature, [20.0] * 12 + [14.0], before=13 * HOUR / 4)
    assert world.told() == []


def test_a_rule_that_is_deleted_with_its_field_takes_its_incident_along(world, anna, temperature):
    rule = Rule.objects.create(kind="falls", field=temperature, limit=5.0)
    go_on(world, temperature, [20.0] * 12 + [14.0], before=13 * HOUR / 4)
    assert len(world.told()) == 1
    rule.delete()
    world.pass_by(5 * MINUTE)
    assert world.told() == []
    assert not Incident.objects.exists()
    assert not Reading.objects.exists()


@pytest.mark.sqlite_only
def test_a_rule_says_what_does_not_fit_its_kind(temperature):
    rain = add(temperature.station, "rain", "mm", "rain_amount")
    for own, sentence in (
        ({"kind": "rain", "field": temperature, "limit": 3.0}, "Only rain and other amounts have a sum"),
        ({"kind": "falls", "field": rain, "limit": 3.0}, "A sum or a direction has no limit"),
        ({"kind": "falls", "field": temperature, "limit": -3.0}, "have a limit above 0"),
        ({"kind": "above", "field": temperature, "limit": 3.0, "hours": 2}, "is about some hours"),
        ({"kind": "sensor", "station": temperature.station, "limit": 3.0}, "A rule about a value has a field"),
        ({"kind": "falls", "field": temperature, "limit": 3.0, "hours": 49}, "less than or equal to 48"),
    ):
        with pytest.raises(ValidationError, match=sentence):
            Rule(**own).full_clean()
