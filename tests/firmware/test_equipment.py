"""A station's sensor and wiring, and the fields that it needs."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from firmware.build.recipe import Mounted, Recipe
from firmware.models import Equipment, FlashToken, FurtherSensor, NotReadyError, StationNetwork
from firmware.sensors.catalogue import SENSORS
from firmware.sensors.wiring import parse_wiring, write_wiring
from stations.models import Field, Key, Station
from tests.conftest import MAC
from tests.firmware.conftest import PASSWORD, make_network
from tests.freetemp.test_encryption import new_key

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
    assert parse_wiring(write_wiring(sensor, sensor.wiring), sensor) == sensor.wiring


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("text", "wiring"),
    [
        ("data=D5 tip_mm=0.2", {"data": 14, "tip_mm": 2000}),
        ("TIP_MM = 0.254", {"tip_mm": 2540}),
        ("tip_mm=1", {"tip_mm": 10_000}),
    ],
)
def test_a_setting_is_a_number_with_a_point(text, wiring):
    assert parse_wiring(text, SENSORS["rain_gauge"]) == wiring


@pytest.mark.sqlite_only
@pytest.mark.parametrize("value", ["D5", "0.27941", "nan", "1e2", "9" * 5000, "..", "0.2.5", "²"])
def test_what_is_no_setting_is_refused_with_an_example(value):
    with pytest.raises(ValidationError, match=r"not a number like 0\.01, with a point and at most 4 decimals"):
        parse_wiring(f"tip_mm={value}", SENSORS["rain_gauge"])


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
        ("rain_gauge", {"data": 16}, "GPIO 16 has other work"),
        ("rain_gauge", {"tip_mm": 99}, "The tip_mm of a rain gauge is from 0.01 to 2."),
        ("anemometer", {"speed": 50_001}, "The speed of a cup anemometer is from 0.05 to 5."),
        ("wind_vane", {"data": 14}, "A wind vane has no data: it has pull_up."),
    ],
)
def test_what_cannot_be_wired_so_is_refused_with_a_sentence(station, sensor, wiring, sentence):
    with pytest.raises(ValidationError) as error:
        Equipment(station=station, sensor=sensor, wiring=wiring).full_clean()
    assert any(sentence in message for message in error.value.messages)


def further(station, driver, **wiring):
    return FurtherSensor.objects.create(station=station, sensor=driver, wiring=wiring)


WEATHER_METERS = ("rain_gauge", "anemometer", "wind_vane", "bh1750", "ds18b20")


def test_a_whole_weather_station_fits_onto_one_board_as_the_catalogue_wires_it(connected):
    equipment = equip(connected, "sht3x")
    for driver in WEATHER_METERS:
        further(connected, driver).full_clean()
    equipment.add_missing_fields()
    assert list(connected.fields.order_by("number").values_list("number", "name", "unit", "quantity")) == [
        (1, "temperature", "degC", "temperature"),
        (2, "humidity", "%", "humidity"),
        (3, "rain", "mm", "rain_counter"),
        (4, "wind speed", "m/s", "wind_speed"),
        (5, "gust", "m/s", "wind_gust"),
        (6, "wind direction", "deg", "wind_direction"),
        (7, "illuminance", "lx", "illuminance"),
        (8, "temperature 8", "degC", "temperature"),
    ]
    for field in connected.fields.all():
        field.full_clean()
    sensors = Equipment.objects.recipe(connected, "k", "http://192.168.1.5").sensors
    assert [(each.driver, each.fields) for each in sensors] == [
        ("sht3x", {"temperature": 1, "humidity": 2}),
        ("rain_gauge", {"rain_counter": 3}),
        ("anemometer", {"wind_speed": 4, "wind_gust": 5}),
        ("wind_vane", {"wind_direction": 6}),
        ("bh1750", {"illuminance": 7}),
        ("ds18b20", {"temperature": 8}),
    ]
    assert sensors[1].wiring == {"data": 12, "tip_mm": 2794}
    assert equipment.add_missing_fields() == []


def test_rain_goes_into_a_field_for_a_counter_and_into_no_other_in_millimetres(station):
    station.fields.create(number=4, name="rain", unit="mm", quantity="rain_amount")
    station.fields.create(number=9, name="total", unit="mm", quantity="rain_counter")
    assert [each.fields for each in equip(station, "rain_gauge").sensors()] == [{"rain_counter": 9}]
    station.fields.filter(number=9).delete()
    with pytest.raises(NotReadyError, match="no field for rain counter in mm: add one on its page"):
        Equipment.objects.of(station).sensors()


TOO_MUCH = [
    (
        ("ds18b20", "dht22"),
        {},
        False,
        "D5 has the data of the DS18B20 already: give the data of the DHT22 (AM2302) another",
    ),
    (("mcp9808", "rain_gauge"), {"data": 4}, False, "D2 has the sda of the MCP9808 already: give the data of the rain"),
    (
        ("bme280", "bh1750"),
        {"scl": 4, "sda": 5},
        False,
        "D2 has the sda of the BME280 already: give the scl of the BH1750",
    ),
    (("mcp9808", "mcp9808"), {}, False, "Two sensors answer at 0x18 on the same wires"),
    (("rain_gauge", "rain_gauge"), {"data": 14}, False, "A board carries one rain gauge only: its memory has room for"),
    (("anemometer", "anemometer"), {"data": 14}, False, "A board carries one cup anemometer only"),
    (("wind_vane", "wind_vane"), {}, False, "A board carries one wind vane only: A0 is its only analogue input."),
    (
        ("mcp9808", "rain_gauge"),
        {},
        True,
        "A board on a battery sleeps between its readings, and a rain gauge has to be",
    ),
    (
        ("anemometer", "bh1750"),
        {},
        True,
        "A board on a battery sleeps between its readings, and a cup anemometer has to",
    ),
]


def test_what_has_no_room_in_the_memory_of_a_board_is_told_with_what_to_do(connected):
    equipment = equip(connected, "bme280")
    further(connected, "rain_gauge")
    equipment.add_missing_fields()
    equipment.sensors()
    further(connected, "wind_vane")
    sentence = "An ESP8266 has no memory for a rain gauge and a wind vane and a BME280 at once: take one away"
    with pytest.raises(NotReadyError, match=sentence):
        equipment.sensors()


@pytest.mark.parametrize(("drivers", "wiring", "battery", "sentence"), TOO_MUCH)
def test_what_one_board_cannot_carry_together_is_told_before_it_is_flashed(
    connected, drivers, wiring, battery, sentence
):
    equipment = Equipment.objects.create(station=connected, sensor=drivers[0], battery=battery)
    further(connected, drivers[1], **wiring)
    with pytest.raises(NotReadyError, match="^The sensors of Garden do not fit onto one board. " + re.escape(sentence)):
        equipment.sensors()


@pytest.mark.parametrize(
    ("drivers", "wiring", "battery"),
    [
        (("mcp9808", "mcp9808"), {"address": 0x19}, False),
        (("mcp9808", "mcp9808"), {"scl": 14, "sda": 12}, False),
        (("ds18b20", "dht22"), {"data": 13}, False),
        (("bme280", "bh1750"), {}, True),
        (("bme280", "wind_vane"), {}, True),
    ],
)
def test_what_one_board_can_carry_together_is_not_refused(connected, drivers, wiring, battery):
    equipment = Equipment.objects.create(station=connected, sensor=drivers[0], battery=battery)
    further(connected, drivers[1], **wiring)
    equipment.add_missing_fields()
    assert len(equipment.sensors()) == 2


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


def test_the_last_free_number_is_given_to_a_field(station):
    Field.objects.bulk_create(Field(station=station, number=n, name=f"soil {n}") for n in range(2, 255))
    assert [field.number for field in equip(station, "dht22").add_missing_fields()] == [255]


def test_a_station_has_its_own_equipment_and_none_of_another(station):
    equip(Station.objects.create(name="Pond"), "bme280")
    assert (Equipment.objects.of(station).sensor, Equipment.objects.of(station).station) == ("mcp9808", station)
    own = equip(station, "dht22")
    assert Equipment.objects.of(station) == own


def test_a_board_is_told_all_of_its_station_and_nothing_of_another(station, connected):
    pond = Station.objects.create(name="Pond", mac="5c:cf:7f:00:00:01")
    StationNetwork.objects.create(station=pond, network=make_network("Pond"), position=1)
    StationNetwork.objects.filter(station=station).update(position=3)
    StationNetwork.objects.create(station=station, network=make_network("Preferred", "first choice"), position=2)
    StationNetwork.objects.create(station=station, network=make_network("Open", ""), position=3)
    station.fields.all().delete()
    for number, unit in ((9, "degC"), (4, "degC"), (7, "hPa"), (2, "lux")):
        station.fields.create(number=number, name=f"field {number}", unit=unit)
    Station.objects.filter(pk=station.pk).update(interval_s=300)
    station.refresh_from_db()
    Equipment.objects.create(station=station, sensor="bme280", wiring={"address": 0x77}, battery=True)
    recipe = Equipment.objects.recipe(station, "k" * 32, "http://192.168.1.5")
    assert recipe == Recipe(
        server_url="http://192.168.1.5",
        mac=MAC,
        key="k" * 32,
        networks=(("Preferred", "first choice"), ("Weather", PASSWORD), ("Open", "")),
        sensors=(Mounted("bme280", SENSORS["bme280"].wiring | {"address": 0x77}, {"temperature": 4, "pressure": 7}),),
        interval_s=300,
        battery=True,
    )


def test_a_simulated_station_needs_no_network_and_keeps_the_one_that_it_has(station, network):
    station.simulated = True
    assert Equipment(station=station).networks() == (("simulated", ""),)
    StationNetwork.objects.create(station=station, network=network)
    assert Equipment(station=station).networks() == (("Weather", PASSWORD),)


def _lack(station, what):
    match what:
        case "active":
            station.active = False
        case "mac":
            station.mac = None
        case "network":
            station.wifi.all().delete()
        case "field":
            station.fields.update(unit="lux")
        case "sensor":
            Equipment.objects.create(station=station, sensor="nose")


@pytest.mark.parametrize(
    ("lacks", "sentence"),
    [
        ("active", "Garden is inactive, so its reports are refused: activate it in the admin."),
        ("mac", "Garden has no MAC address yet: flashing a board gives it one."),
        ("network", "Garden has no WiFi network: choose one on its page in the admin."),
        ("field", "Garden has no field in degC: add one on its page in the admin."),
        ("sensor", "Garden has a sensor nose that is not known: choose another in the admin."),
    ],
)
def test_what_a_board_lacks_is_told_before_it_is_flashed(connected, lacks, sentence):
    _lack(connected, lacks)
    with pytest.raises(NotReadyError, match=f"^{re.escape(sentence)}$"):
        Equipment.objects.recipe(connected, "k", "http://192.168.1.5")


def test_a_password_whose_key_is_lost_is_told_before_a_board_is_flashed(connected, settings):
    settings.ENCRYPTION_KEYS = [new_key()]
    with pytest.raises(NotReadyError, match=r"^The password of the WiFi network Weather cannot be read\. It was encr"):
        Equipment(station=connected).networks()


def test_a_station_is_deleted_with_its_equipment_networks_and_tokens(connected):
    equip(connected, "bme280")
    further(connected, "rain_gauge")
    FlashToken.objects.make(connected)
    Key.objects.issue(connected)
    FlashToken.objects.update(key=Key.objects.get())
    FlashToken.objects.get().log("took the files", None)
    call_command("delete_station", str(connected.pk), yes=True)
    assert not Station.objects.exists()
    assert not Equipment.objects.exists()
    assert not FurtherSensor.objects.exists()
    assert not FlashToken.objects.exists()
