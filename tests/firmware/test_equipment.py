"""A station's sensor and wiring, and the fields that it needs."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from firmware.models import Equipment, FlashToken
from firmware.sensors.catalogue import SENSORS
from firmware.sensors.wiring import parse_wiring, write_wiring
from stations.models import Field, Key, Station

pytestmark = pytest.mark.django_db


def equip(station, sensor, **wiring):
    return Equipment.objects.create(station=station, sensor=sensor, wiring=wiring)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("text", "wiring"),
    [
        ("", {}),
        ("scl=D1 sda=D2", {"scl": 5, "sda": 4}),
        ("SCL = d1, sda=4; address=0x1a", {"scl": 5, "sda": 4, "address": 26}),
        (" data=14 ", {"data": 14}),
    ],
)
def test_wiring_is_read_as_people_write_it(text, wiring):
    assert parse_wiring(text) == wiring


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "text", ["D1", "scl", "scl=", "=4", "scl=D1 scl=D2", "scl=D1 SCL=D2", "scl=D1/sda=D2", "scl=-4"]
)
def test_what_is_no_wiring_is_refused_with_an_example(text):
    with pytest.raises(ValidationError, match=r"Write the wiring like “scl=D1 sda=D2”"):
        parse_wiring(text)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("value", ["D99", "x", "0x", "1e3", "²", "9" * 5000])
def test_what_is_no_pin_is_refused_with_the_pins(value):
    with pytest.raises(ValidationError, match="is not a pin: use D1, D2, D5, D6, D7"):
        parse_wiring(f"scl={value}")


@pytest.mark.sqlite_only
@pytest.mark.parametrize("driver", SENSORS)
def test_the_usual_wiring_of_every_sensor_is_written_so_that_it_is_read_again(driver):
    sensor = SENSORS[driver]
    assert parse_wiring(write_wiring(sensor, sensor.wiring)) == sensor.wiring


@pytest.mark.parametrize("driver", SENSORS)
def test_every_sensor_of_the_catalogue_is_right_as_it_is(station, driver):
    Equipment(station=station, sensor=driver).full_clean()


@pytest.mark.parametrize(
    ("sensor", "wiring", "sentence"),
    [
        ("mcp9808", {"data": 4}, "A MCP9808 has no data: it has scl, sda, address."),
        ("mcp9808", {"scl": 1}, "GPIO 1 has other work on an ESP8266: use D1, D2, D5, D6, D7."),
        ("ds18b20", {"data": 16}, "GPIO 16 has other work"),
        ("ds18b20", {"data": 99}, "GPIO 99 has other work"),
        ("mcp9808", {"scl": 4}, "Two wires cannot share a pin."),
        ("bme280", {"address": 0x18}, "A BME280 answers at 0x76, 0x77."),
        ("nose", {}, "“nose” is not a sensor in the catalogue"),
    ],
)
def test_what_cannot_be_wired_so_is_refused_with_a_sentence(station, sensor, wiring, sentence):
    with pytest.raises(ValidationError) as error:
        Equipment(station=station, sensor=sensor, wiring=wiring).full_clean()
    assert any(sentence in message for message in error.value.messages)


def fields(station):
    return list(station.fields.order_by("number").values_list("number", "name", "unit"))


def test_a_sensor_brings_the_fields_that_the_station_lacks(station):
    added = equip(station, "bme280").add_missing_fields()
    assert [field.name for field in added] == ["humidity", "pressure"]
    assert fields(station) == [(1, "temperature", "degC"), (2, "humidity", "%"), (3, "pressure", "hPa")]


def test_fields_are_added_once_and_none_is_taken_away(station):
    equipment = equip(station, "bme280")
    equipment.add_missing_fields()
    equipment.sensor = "mcp9808"
    assert equipment.add_missing_fields() == []
    assert len(fields(station)) == 3


def test_a_name_that_is_taken_gets_its_number(station):
    station.fields.create(number=7, name="humidity", unit="g/m3")
    equip(station, "dht22").add_missing_fields()
    assert fields(station)[1:] == [(2, "humidity 2", "%"), (7, "humidity", "g/m3")]


def test_a_station_with_every_number_taken_gets_no_field(station):
    Field.objects.bulk_create(Field(station=station, number=n, name=f"soil {n}") for n in range(2, 256))
    assert equip(station, "dht22").add_missing_fields() == []


def test_a_station_is_deleted_with_its_equipment_networks_and_tokens(connected):
    equip(connected, "bme280")
    FlashToken.objects.make(connected)
    Key.objects.issue(connected)
    FlashToken.objects.update(key=Key.objects.get())
    FlashToken.objects.get().log("took the files", None)
    call_command("delete_station", str(connected.pk), yes=True)
    assert not Station.objects.exists()
    assert not Equipment.objects.exists()
    assert not FlashToken.objects.exists()
