"""Every driver reports faults of its wires or its chip, and measures again later."""

import ast
import random
from pathlib import Path

import pytest

from firmware.sensors.catalogue import SENSORS
from tests.device.sensors.conftest import DRIVERS

pytestmark = pytest.mark.sqlite_only

I2C = [driver for driver, sensor in SENSORS.items() if sensor.addresses]
CHIPS = [*I2C, "ds18b20", "dht22"]  # A switch or a resistor says nothing of its wires.

FAULTS = {
    "absent": {"i2c": "no answer at 0x", "ds18b20": "no answer", "dht22": "no answer"},
    "bus_lost": {"i2c": "SDA is held low", "ds18b20": "its measurement does not end, or", "dht22": "no answer"},
    "hang": {"i2c": "SCL is held low", "ds18b20": "its measurement does not end, or", "dht22": "no answer"},
}


# Of each quantity that a chip's readings begin with: the usual value of the world, two others, and the resolution.
VALUES = {"temperature": (21.4, -7.5, 31, 0.06), "illuminance": (320, 12_000, 90_000, 2)}


def value(driver, outcome):
    """Return the first quantity in an outcome, None if there is no reading."""
    return outcome["readings"][SENSORS[driver].quantities[0]] / 1000 if "readings" in outcome else None


@pytest.mark.parametrize("driver", CHIPS)
@pytest.mark.parametrize("fault", ["absent", "bus_lost", "hang", "crc", "nonsense"])
def test_no_fault_becomes_a_reading_and_the_next_good_one_is_read(read, driver, fault):
    quantity = SENSORS[driver].quantities[0]
    usual, other, _, resolution = VALUES[quantity]
    good, bad, again = read(driver, {}, {"sensor_fault": fault}, {quantity: other})
    assert value(driver, good) == pytest.approx(usual, abs=resolution)
    assert "readings" not in bad
    assert value(driver, again) == pytest.approx(other, abs=resolution)


@pytest.mark.parametrize("driver", CHIPS)
@pytest.mark.parametrize("fault", ["absent", "bus_lost", "hang"])
def test_a_wire_that_breaks_at_any_transfer_leads_to_no_false_reading(read, driver, fault):
    quantity = SENSORS[driver].quantities[0]
    _, _, high, resolution = VALUES[quantity]
    worlds = [{quantity: high, "sensor_fault": fault, "fault_after": after} for after in range(60)]
    outcomes = read(driver, *worlds)
    for outcome in outcomes:
        assert value(driver, outcome) in (None, pytest.approx(high, abs=resolution))
    assert "says" in outcomes[0]
    assert "readings" in outcomes[-1]


@pytest.mark.parametrize("driver", CHIPS)
@pytest.mark.parametrize("fault", ["blink", "deaf"])
def test_a_chip_that_loses_its_power_or_misses_its_command_says_nothing_false(read, driver, fault):
    quantity = SENSORS[driver].quantities[0]
    _, _, high, resolution = VALUES[quantity]
    world = {quantity: high}
    for outcome in read(driver, world, world | {"sensor_fault": fault}, world):
        assert value(driver, outcome) in (None, pytest.approx(high, abs=resolution))
        assert "readings" in outcome or outcome["says"]


@pytest.mark.parametrize("driver", CHIPS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_wire_that_is_not_well_is_an_oserror_that_says_which(read, driver, fault):
    [outcome] = read(driver, {"sensor_fault": fault})
    expected = FAULTS[fault]["i2c" if driver in I2C else driver]
    assert (outcome["error"], outcome["says"][: len(expected)]) == ("OSError", expected)


ANSWERS = {
    "mcp9808": {"5": 2},
    "ds18b20": {"answer": 9},
    "dht22": {"answer": 5},
    "bme280": {"88": 26, "e1": 7, "f7": 8},
    "sht3x": {"answer": 6},
    "bh1750": {"answer": 2},
}
RANGES = {
    "temperature": (-55_000, 125_000),
    "humidity": (0, 100_000),
    "pressure": (300_000, 1_100_000),
    "illuminance": (0, 121_556_000),
}


@pytest.mark.parametrize("driver", CHIPS)
def test_garbage_is_refused_or_within_what_the_chip_can_measure(read, driver):
    """Any other exception of a driver would end the program here."""
    rng = random.Random(driver)
    worlds = [
        {"sensor_bytes": {name: rng.randbytes(count).hex() for name, count in ANSWERS[driver].items()}}
        for _ in range(200)
    ]
    for outcome in read(driver, *worlds):
        for quantity, thousandths in outcome.get("readings", {}).items():
            lowest, highest = RANGES[quantity]
            assert lowest <= thousandths <= highest


@pytest.mark.parametrize("driver", CHIPS)
def test_what_it_says_fits_into_a_report(read, driver):
    """A report's `trouble` takes 120 printable ASCII characters."""
    faults = ["absent", "bus_lost", "hang", "crc", "nonsense"]
    for outcome in read(driver, *[{"sensor_fault": fault} for fault in faults]):
        assert outcome["says"].isascii()
        assert outcome["says"].isprintable()
        assert len(f"{driver}: {outcome['says']}") <= 80


@pytest.mark.parametrize("driver", I2C)
def test_a_chip_that_refuses_what_is_written_is_an_oserror(read, driver):
    [outcome] = read(driver, {"sensor_fault": "refuses"})
    assert (outcome["error"], outcome["says"]) == ("OSError", "it refuses the bytes written to it")


@pytest.mark.parametrize("driver", I2C)
def test_a_chip_that_holds_sda_low_amid_a_byte_is_clocked_free(read, driver):
    [outcome] = read(driver, {"sensor_fault": "stuck"})
    usual, _, _, resolution = VALUES[SENSORS[driver].quantities[0]]
    assert value(driver, outcome) == pytest.approx(usual, abs=resolution)


@pytest.mark.parametrize("driver", SENSORS)
def test_it_says_the_quantities_of_the_catalogue(read, driver):
    [outcome] = read(driver, {})
    assert sorted(outcome["readings"]) == sorted(SENSORS[driver].quantities)
    assert all(type(thousandths) is int for thousandths in outcome["readings"].values())


@pytest.mark.parametrize("driver", SENSORS)
def test_a_reading_ends_in_the_time_that_the_station_gives_it(read, driver):
    """10 s by the board's clock, which counts waits in full."""
    faults = [None, "absent", "bus_lost", "hang", "crc", "nonsense", "stuck"]
    for outcome in read(driver, *[{"sensor_fault": fault} for fault in faults]):
        assert outcome["took_ms"] < 10_000


@pytest.mark.parametrize("path", DRIVERS, ids=lambda path: path.stem)
def test_a_driver_counts_in_whole_numbers(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        assert not isinstance(node, ast.Div), "a float on a board has 30 bits"
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), node.value
