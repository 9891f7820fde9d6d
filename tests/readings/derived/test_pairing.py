"""Which values of a station belong together, by quantities and places."""

from datetime import UTC, datetime, timedelta

import pytest

from readings.derived.pairing import first_pressure, humid_air, open_air, station_pressure
from stations.models import Field
from stations.quantities import quantity_named

pytestmark = pytest.mark.sqlite_only

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
UNITS = {"C": "degC", "F": "degF"}


def fields_of(*names, **ages_s):
    """Return fields by names with their units, like “indoor temperature C”; ages are by the first word."""
    split = [name.rpartition(" ") for name in names]
    return [
        Field(
            number=number,
            name=name,
            unit=UNITS.get(unit, unit),
            quantity=quantity_named(name, UNITS.get(unit, unit)),
            newest_value=20.0,
            newest_at=NOON - timedelta(seconds=ages_s.get(name.split()[0], 0)),
        )
        for number, (name, _, unit) in enumerate(split, start=1)
    ]


def numbers(air):
    return air and tuple(each and each.field.number for each in air)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["temperature C", "humidity %"], (1, 2)),
        (["soil temperature C", "temperature C", "humidity %"], (2, 3)),
        (["Outdoor temperature C", "Indoor temperature C", "Indoor humidity %"], (2, 3)),
        (["temperature C", "Relative humidity %"], (1, 2)),
        (["air F", "humidity %"], (1, 2)),
        (["roof C", "attic C", "humidity %"], None),
        (["temperature C", "soil moisture %"], None),
        (["temperature C", "soil humidity %"], None),
        (["temperature C", "battery %"], None),
        (["humidity %"], None),
        (["Temperatur C", "Luftfeuchtigkeit %"], (1, 2)),
        (["Bodentemperatur C", "Lufttemperatur C", "rel. Luftfeuchte %"], (2, 3)),
        (["Bodentemperatur C", "Temperatur C", "Relative Feuchte %"], (2, 3)),
        (["Außentemperatur C", "Innentemperatur C", "Innenluftfeuchte %"], (2, 3)),
        (["Temperatur außen C", "Temperatur innen C", "Feuchte innen %"], (2, 3)),
        (["Temperatur C", "Bodenfeuchte %"], None),
        (["Temperatur C", "Feuchte Boden %"], None),
        (["Temperatur C", "Holzfeuchte %"], None),
        (["Temperatur C", "Blattfeuchtigkeit %"], None),
        # A gateway's order: the open air comes first all the same.
        (["indoor temperature C", "indoor humidity %", "outdoor temperature C", "outdoor humidity %"], (3, 4)),
        # No place means outdoors.
        (["indoor temperature C", "outdoor temperature C", "humidity %"], (2, 3)),
        (["temperature C", "indoor temperature C", "outdoor humidity %"], (1, 3)),
        (["temperature C", "outdoor temperature C", "outdoor humidity %"], (2, 3)),
    ],
)
def test_a_humidity_goes_with_the_temperature_of_its_own_air(names, expected):
    found = humid_air(fields_of(*names), 60)
    assert (found and numbers(found)[:2]) == expected


def test_the_quantity_that_staff_chose_counts_and_not_the_name():
    fields = fields_of("T1 C", "H1 %")
    assert humid_air(fields, 60) is None
    fields[1].quantity = "humidity"
    assert numbers(humid_air(fields, 60)) == (1, 2, None, None)
    fields[0].quantity = "soil_temperature"
    assert humid_air(fields, 60) is None


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["temperature C", "humidity %", "wind speed m/s", "gust m/s", "pressure hPa"], (1, 2, 3, 5)),
        (["temperature C", "gust m/s"], (1, None, None, None)),
        (["indoor temperature C", "indoor humidity %", "temperature C", "wind km/h"], (3, None, 4, None)),
        (["outdoor temperature C", "indoor temperature C", "indoor humidity %", "wind mph"], (1, None, 4, None)),
        (["Temperatur innen C", "Windgeschwindigkeit m/s", "Luftdruck hPa"], None),
        (["Kellertemperatur C", "Wind m/s"], None),
        (["living room C", "wind m/s"], None),
        (["roof C", "wind m/s"], (1, None, 2, None)),
        (["roof C", "tower C", "wind m/s"], None),
        (["soil temperature C", "wind m/s"], None),
    ],
)
def test_wind_and_pressure_go_with_the_open_air(names, expected):
    assert numbers(open_air(fields_of(*names), 60)) == expected


@pytest.mark.parametrize(
    "name",
    [
        *("sea-level pressure", "Sea level pressure", "MSLP", "slp", "pressure msl", "QNH", "QFF", "barometer"),
        *("altimeter", "relative pressure", "reduced pressure", "Relativer Luftdruck", "Luftdruck reduziert"),
        *("Luftdruck Meereshöhe", "Luftdruck NN", "Luftdruck (NN)"),
    ],
)
def test_a_pressure_at_sea_level_is_known_by_its_name(name):
    reduced, absolute = fields_of(f"{name} hPa"), fields_of("absolute pressure hPa", f"{name} hPa")
    assert station_pressure(reduced) is None
    assert station_pressure(absolute) is None, "it is told already"
    assert first_pressure(reduced).field.number == 1


@pytest.mark.parametrize("name", ["pressure", "absolute pressure", "station pressure", "Luftdruck", "BMP280", "garden"])
def test_any_other_pressure_is_that_of_the_station(name):
    assert station_pressure(fields_of(f"{name} hPa")).number == 1


def test_values_are_in_metric_units():
    fields = fields_of("temperature F", "humidity %", "wind mph", "pressure inHg")
    for field, value in zip(fields, (50.0, 60.0, 10.0, 29.92), strict=True):
        field.newest_value = value
    assert [each.value for each in open_air(fields, 60)] == pytest.approx([10, 60, 4.4704, 1013.2], abs=0.01)


def test_a_unit_that_its_quantity_does_not_have_is_left_alone():
    fields = fields_of("temperature C", "humidity %")
    fields[0].unit = "K"
    assert humid_air(fields, 60) is None


@pytest.mark.parametrize(("age_s", "is_together"), [(0, True), (120, True), (121, False), (86_400, False)])
@pytest.mark.parametrize("older", ["temperature", "humidity", "wind"])
def test_values_that_were_not_measured_together_are_apart(older, age_s, is_together):
    fields = fields_of("temperature C", "humidity %", "wind m/s", **{older: age_s})
    found = open_air(fields, 60)
    assert (found.humidity is not None) == (is_together or older == "wind")
    assert (found.wind is not None) == (is_together or older == "humidity")


def test_a_humidity_indoors_serves_if_the_one_outdoors_has_fallen_silent():
    names = ["outdoor temperature C", "outdoor humidity %", "indoor temperature C", "indoor humidity %"]
    fields = fields_of(*names)
    fields[1].newest_at = None
    assert numbers(humid_air(fields, 60))[:2] == (3, 4)
    assert numbers(open_air(fields, 60)) == (1, None, None, None)


def test_an_implausible_or_missing_value_is_none():
    fields = fields_of("temperature C", "humidity %", "wind m/s")
    fields[2].largest = 10
    assert numbers(open_air(fields, 60)) == (1, 2, None, None)
    fields[0].largest = 10
    assert open_air(fields, 60) is None
    fields[0].largest, fields[0].newest_value, fields[0].newest_at = None, None, None
    assert humid_air(fields, 60) is None
    assert open_air([], 60) is None
