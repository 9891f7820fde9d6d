"""docs/sensors.md agrees with the drivers and the catalogue."""

import ast
import re

import pytest

from firmware.sensors.catalogue import SAFE_PINS, SENSORS
from tests.device.sensors.conftest import DRIVERS, SOURCES

pytestmark = pytest.mark.sqlite_only

PAGE = (SOURCES.parents[2] / "docs" / "sensors.md").read_text()


def sentences() -> set[str]:
    """Return the constant beginnings of the drivers' error messages."""
    found = set()
    for path in DRIVERS:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Raise) and node.exc is not None:
                [text] = [part.value for part in ast.walk(node.exc) if isinstance(part, ast.Constant)][:1]
                found.add(re.split("%| at | is not | \\(|, or |: its", str(text))[0].strip())
    return found


def test_what_drivers_say_is_found():
    assert {"no answer", "it says", "SDA is held low", "the chip"} <= sentences()


@pytest.mark.parametrize("sentence", sorted(sentences()))
def test_what_a_driver_says_is_explained(sentence):
    assert f"`{sentence}" in PAGE


@pytest.mark.parametrize("sensor", SENSORS.values(), ids=str)
def test_a_sensor_s_pins_and_address_are_in_the_table(sensor):
    for pin in sensor.pins:
        assert f"GPIO{sensor.wiring[pin]}, {SAFE_PINS[sensor.wiring[pin]]}" in PAGE
    if sensor.addresses:
        assert f"0x{sensor.wiring['address']:02x}" in PAGE


def test_the_pins_that_a_sensor_may_have_are_named():
    assert all(f"GPIO{gpio} ({label})" in PAGE for gpio, label in SAFE_PINS.items())
