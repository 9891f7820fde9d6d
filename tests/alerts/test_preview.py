"""What each kind of rule would have told in the past year, as far as that can be known."""

from datetime import timedelta

import pytest

from alerts.models import Rule
from alerts.preview.spells import past
from freetemp.fields import to_millis
from readings.calendar.span import QUARTER_MS
from readings.models import BoardState
from stations.models import Field
from tests.alerts.conftest import NOON, make_station
from tests.alerts.quarters import have, have_days

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = NOON - 30 * DAY

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]


@pytest.fixture
def roof():
    return make_station("Roof")


@pytest.fixture
def temperature(roof):
    field = roof.fields.get()
    field.newest_at = NOON
    field.save()
    return field


def add(station, name, unit, quantity):
    return Field.objects.create(
        station=station, number=2, name=name, unit=unit, quantity=quantity, newest_at=NOON, newest_value=1.0
    )


def spells(rule):
    """Return the spells of a rule's past year, each from and to which quarter since START."""
    start_ms = to_millis(START)
    return [
        ((span.start_ms - start_ms) // QUARTER_MS, (span.end_ms - start_ms) // QUARTER_MS)
        for _, span in past(rule, NOON).spells
    ]


def test_a_fall_and_a_frost_to_come(temperature):
    values = [20.0] * 12 + [14.0] * 12 + [9.0] * 4 + [2.0] * 6 + [8.0] * 12
    have(temperature, START, values)
    assert spells(Rule(kind="falls", field=temperature, limit=5.0)) == [(12, 36)]
    assert spells(Rule(kind="falls", field=temperature, limit=6.5)) == [(28, 34)]
    assert spells(Rule(kind="rises", field=temperature, limit=5.0)) == [(40, 46)]
    assert spells(Rule(kind="heading", field=temperature, limit=0.0)) == [(28, 34)]


def test_rain_of_some_hours_and_gusts(roof):
    rain = add(roof, "rain", "mm", "rain_amount")
    have(rain, START, [2.0, 3.0, 3.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 11.0])
    assert spells(Rule(kind="rain", field=rain, limit=10.0)) == [(3, 4), (9, 10)]
    assert spells(Rule(kind="rain", field=rain, limit=20.0, hours=24)) == [(9, 10)]
    Field.objects.filter(pk=rain.pk).update(quantity="wind_gust", unit="m/s")
    rain.refresh_from_db()
    have(rain, START, [25.0, *[5.0] * 3, 26.0, *[5.0] * 8, 25.0, *[5.0] * 8])
    assert spells(Rule(kind="gust", field=rain, limit=20.0)) == [(0, 5), (13, 14)]


def test_silences_to_a_quarter_and_for_every_station(roof, temperature):
    have(temperature, START, [1.0] * 4)
    have(temperature, START + 3 * HOUR, [1.0] * 4)
    have(temperature, START + 4.5 * HOUR, [1.0] * 4)
    assert spells(Rule(kind="silent", station=roof)) == [(4, 12), (16, 18)]
    assert spells(Rule(kind="silent", station=roof, minutes=60)) == [(4, 12)]
    assert spells(Rule(kind="silent")) == [(4, 12), (16, 18)]


def test_a_battery_that_is_low_at_night_is_one_spell_for_all_nights(roof):
    battery = add(roof, "battery", "V", "battery_voltage")
    have_days(battery, START - 30 * DAY, [4.2] * 30)
    have(battery, START, [3.9] * 4 + [3.3] * 8 + [3.9] * 20 + [3.3] * 8 + [3.9] * 120)
    assert spells(Rule(kind="battery", station=roof)) == [(7, 40)]


def test_a_weak_signal(roof):
    signal = add(roof, "signal strength", "dBm", "signal_strength")
    have(signal, START, [-80.0] * 8 + [-95.0] * 8 + [-80.0] * 8)
    assert spells(Rule(kind="signal", station=roof)) == [(10, 17)]


def test_restarts_as_a_board_told_them(roof):
    for number in range(8):
        at = START + number * HOUR
        BoardState.objects.create(station=roof, boot=1, start=number, first_at=at, last_at=at, reset_cause=1)
    assert spells(Rule(kind="restarts", station=roof)) == [(20, 28)]


def test_records_of_the_past_year(temperature):
    have_days(temperature, NOON - 450 * DAY, [(0.0, 30.0)] * 440 + [(1.0, 31.0)] + [(1.0, 30.0)] * 5)
    found = past(Rule(kind="record", station=temperature.station), NOON)
    assert [spell.span.start_ms for spell in found.spells] == [to_millis(NOON.replace(hour=0) - 10 * DAY)]


def test_what_is_not_known_is_a_sentence(roof):
    assert "is not kept" in past(Rule(kind="sensor", station=roof), NOON).unknown
    for number in range(10):
        make_station(f"Station {number}")
    assert "Choose one to see it" in past(Rule(kind="silent"), NOON).unknown
