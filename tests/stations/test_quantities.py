"""Quantities, and the limits that a new field has from the start."""

import re
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from firmware.models import Equipment
from readings import ingest
from readings.models import Quarter
from stations.models import Claim, Field, Key, Station
from stations.quantities import QUANTITIES, quantity_named, usual_limits

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
    assert Field(**usual_limits(quantity_named(name, unit), unit)._asdict()).is_plausible(value)


@pytest.mark.parametrize(
    ("name", "unit", "value"),
    [
        *(("temperature", "degC", value) for value in (-127, -144, 999, -9999, -999)),
        *(("temperature", "degF", value) for value in (-196.6, 999, -9999)),
        *(("humidity", "%", value) for value in (-999, 255, 3276.7)),
        *(("pressure", "hPa", value) for value in (0, -9999, 101_325)),
        *(("wind", "m/s", value) for value in (-1, 255)),
        *(("Rain", "mm", value) for value in (-1, 6553.5)),
        *(("Rain today", "mm", -1), ("CO2", "ppm", 0), ("lightning", "km", 63), ("WiFi signal", "dBm", 31)),
        ("light", "lx", -1),
    ],
)
def test_what_a_sensor_says_of_a_fault_is_not(name, unit, value):
    assert not Field(**usual_limits(quantity_named(name, unit), unit)._asdict()).is_plausible(value)


@pytest.mark.parametrize(("name", "unit"), [("water", "mm"), ("mains", "V"), ("count", ""), ("temperature", "°C?")])
def test_a_quantity_that_is_not_known_has_none(name, unit):
    assert usual_limits(quantity_named(name, unit), unit) == (None, None)


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


@pytest.mark.parametrize(
    ("name", "unit", "quantity"),
    [
        *(("temperature", "degC", "temperature"), ("Keller", "degF", "temperature"), ("Taupunkt", "degC", "dew_point")),
        *(("Bodentemperatur", "degC", "soil_temperature"), ("soil moisture", "%", "soil_moisture")),
        *(("Luftfeuchte", "%", "humidity"), ("Bodenfeuchte", "%", "soil_moisture"), ("battery", "%", "other")),
        *(("Windböe", "m/s", "wind_gust"), ("Böen", "km/h", "wind_gust"), ("wind gust", "kn", "wind_gust")),
        *(
            ("wind", "m/s", "wind_speed"),
            ("Windrichtung", "°", "wind_direction"),
            ("direction", "deg", "wind_direction"),
        ),
        *(("river", "m/s", "other"), ("slope", "deg", "other"), ("rain", "mm", "rain_amount"), ("snow", "mm", "other")),
        *(("rain today", "mm", "rain_counter"), ("Regen gesamt", "mm", "rain_counter"), ("Regen", "mm/h", "rain_rate")),
        *(("daily rain", "in", "rain_counter"), ("raincounter", "mm", "rain_counter"), ("UV", "", "uv_index")),
        *(
            ("PM 2.5", "ug/m3", "pm25"),
            ("pm10", "ug/m3", "pm10"),
            ("Akku", "V", "battery_voltage"),
            ("CO₂", "ppm", "co2"),
        ),
        *(("lightning", "", "lightning_count"), ("Blitz", "km", "lightning_distance"), ("count", "", "other")),
    ],
)
def test_a_name_and_its_unit_tell_the_quantity(station, name, unit, quantity):
    station.fields.all().delete()
    assert station.fields.create(number=9, name=name, unit=unit).quantity == quantity


def test_a_quantity_that_is_chosen_stays_when_the_name_changes(station):
    field = station.fields.create(number=9, name="rain today", unit="mm", quantity="rain_amount")
    field.name = "Regen gesamt"
    field.save()
    assert field.quantity == "rain_amount"


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ({"quantity": "rain_counter", "unit": "degC"}, "unit"),
        ({"quantity": "rainfall", "unit": "mm"}, "quantity"),
        ({"quantity": "rain_amount", "unit": "mm", "rolls_over_at": 655.36}, "rolls_over_at"),
        ({"quantity": "rain_counter", "unit": "mm", "rolls_over_at": 0}, "rolls_over_at"),
        ({"quantity": "rain_counter", "unit": "mm", "rolls_over_at": float("nan")}, "rolls_over_at"),
    ],
)
def test_a_quantity_has_its_units_and_a_counter_alone_begins_again(station, values, column):
    with pytest.raises(ValidationError) as error:
        Field(station=station, number=9, name="rain", **values).full_clean()
    assert list(error.value.message_dict) == [column]


def test_the_documentation_has_the_same_table():
    page = (Path(__file__).parents[2] / "docs" / "quantities.md").read_text()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("| `")
    ]
    written = {re.sub("`", "", key): (label, kind, limits) for key, label, kind, limits in rows}
    assert written == {
        key: (quantity.label, quantity.kind.value, _limits_in_words(quantity)) for key, quantity in QUANTITIES.items()
    }


def _limits_in_words(quantity):
    def words(unit, limits):
        to = "" if limits.largest is None else f" to {limits.largest:,g}"
        return f"{unit or 'no unit'}: {limits.smallest:,g}{to or ' and more'}"

    return "; ".join(words(*each) for each in quantity.limits.items()) or "any unit: none"
