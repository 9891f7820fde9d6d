"""The limits that a new field has from the start."""

import pytest
from django.core.management import call_command

from firmware.models import Equipment
from readings import ingest
from readings.models import Quarter
from stations.models import Claim, Field, Key, Station
from stations.quantities import usual_limits

pytestmark = [pytest.mark.django_db, pytest.mark.usual_limits]


def limits(field):
    return (field.smallest, field.largest)


@pytest.mark.parametrize(
    ("name", "unit", "value"),
    [
        *(("temperature", "degC", -89.2), ("temperature", "degC", 56.7)),  # WMO's records: Vostok, Death Valley
        *(("water", "degC", 85), ("sauna", "degC", 110), ("flue", "degC", 300)),
        *(("temperature", "degF", -128.6), ("temperature", "degF", 134)),
        *(("humidity", "%", 0), ("humidity", "%", 100), ("pressure", "hPa", 1084.8), ("pressure", "hPa", 337)),
        *(("pressure", "inHg", 32.03), ("wind", "m/s", 113.2), ("wind", "km/h", 407.5), ("wind", "mph", 253.2)),
        *(("rain", "mm", 1825), ("rain", "in", 71.8), ("light", "lx", 134_000)),
    ],
)
def test_what_people_measure_is_plausible(name, unit, value):
    assert Field(**usual_limits(name, unit)._asdict()).is_plausible(value)


@pytest.mark.parametrize(
    ("name", "unit", "value"),
    [
        *(("temperature", "degC", value) for value in (-127, -144, 999, -9999, -999)),
        *(("temperature", "degF", value) for value in (-196.6, 999, -9999)),
        *(("humidity", "%", value) for value in (-999, 255, 3276.7)),
        *(("pressure", "hPa", value) for value in (0, -9999, 101_325)),
        *(("wind", "m/s", value) for value in (-1, 255)),
        *(("Rain today", "mm", value) for value in (-1, 6553.5)),
        ("light", "lx", -1),
    ],
)
def test_what_a_sensor_says_of_a_fault_is_not(name, unit, value):
    assert not Field(**usual_limits(name, unit)._asdict()).is_plausible(value)


@pytest.mark.parametrize(("name", "unit"), [("water", "mm"), ("battery", "V"), ("count", ""), ("temperature", "°C?")])
def test_a_quantity_that_is_not_known_has_none(name, unit):
    assert usual_limits(name, unit) == (None, None)


def test_the_first_field_of_a_station_has_them():
    assert limits(Station.objects.create(name="Roof").fields.get()) == (-100, 350)


def test_a_station_of_the_command_line_has_them(capsys):
    call_command("add_station", "Roof", "--mac", "02:00:00:00:00:42")
    assert limits(Field.objects.get()) == (-100, 350)


def test_the_fields_that_a_sensor_adds_have_them(station):
    Equipment.objects.create(station=station, sensor="bme280").add_missing_fields()
    assert {field.name: limits(field) for field in station.fields.all()} == {
        "temperature": (-100, 350),
        "humidity": (0, 105),
        "pressure": (300, 1100),
    }


def test_limits_of_its_own_stay(station):
    assert limits(station.fields.create(number=2, name="oven", unit="degC", largest=300)) == (None, 300)


def test_a_field_that_is_there_already_gets_none(station):
    field = station.fields.get()
    field.smallest = field.largest = None
    field.save()
    field.refresh_from_db()
    assert limits(field) == (None, None)
    field.name = "air"
    field.save()
    assert limits(field) == (None, None)


@pytest.mark.parametrize("value", [-127, -144, -9999, 999])
def test_the_value_of_a_fault_is_stored_and_marked_and_in_no_mean(station, key, value):
    claim = Claim(station.mac, Key.objects.get().digest)
    ingest.record(claim, 1, 21.4)
    ingest.record(claim, 1, value)
    field = station.fields.get()
    assert field.newest_value == value
    assert not field.is_plausible(field.newest_value)
    assert sum(Quarter.objects.values_list("count", flat=True)) == 1
