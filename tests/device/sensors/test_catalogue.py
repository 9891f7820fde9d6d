"""The catalogue of sensors agrees with the drivers, the wiring and the units."""

import pytest

from firmware.sensors.catalogue import SAFE_PINS, SENSORS, UNITS
from stations.units import SYMBOLS
from tests.device.sensors.conftest import SOURCES

pytestmark = pytest.mark.sqlite_only


def test_drivers_and_catalogue_name_the_same_sensors():
    assert {path.stem for path in (SOURCES / "sensors").glob("*.py")} == set(SENSORS)
    assert all(sensor.driver == driver for driver, sensor in SENSORS.items())


@pytest.mark.parametrize("sensor", SENSORS.values(), ids=str)
def test_a_default_wiring_is_one_that_the_board_starts_with(sensor):
    pins = [sensor.wiring[name] for name in sensor.pins]
    assert len(set(pins)) == len(pins)
    assert set(pins) <= set(SAFE_PINS)
    assert sensor.wiring.get("address") in (sensor.addresses or [None])


@pytest.mark.parametrize("sensor", SENSORS.values(), ids=str)
def test_each_quantity_has_a_unit_that_stations_know(sensor):
    assert all(UNITS[quantity] in SYMBOLS for quantity in sensor.quantities)
