"""BH1750: ROHM's datasheet of the BH1750FVI."""

import pytest

pytestmark = pytest.mark.sqlite_only


def lux(outcome):
    return outcome["readings"]["illuminance"] / 1000


def test_the_example_of_the_datasheet(read):
    """Page 7: 10000011 10010000 is 28,067 lx."""
    [outcome] = read("bh1750", {"sensor_bytes": {"answer": "8390"}})
    assert lux(outcome) == pytest.approx(28_067, abs=1)


def test_chip_and_driver_agree_from_night_to_full_sun(read):
    lights = [0, 1, 2, 40, 320, 10_000, 54_000, 56_000, 100_000, 121_000]
    for light, outcome in zip(lights, read("bh1750", *[{"illuminance": light} for light in lights]), strict=True):
        assert lux(outcome) == pytest.approx(light, abs=2)


def test_more_light_than_it_can_measure_is_no_reading(read):
    brightest, dark = read("bh1750", {"illuminance": 130_000}, {"illuminance": 0})
    assert brightest["says"] == "it says more than 121556 lx"
    assert lux(dark) == 0


def test_a_chip_that_misses_its_command_is_asked_again_and_does_not_repeat_itself(read):
    _, missed = read("bh1750", {"illuminance": 500}, {"illuminance": 40_000, "sensor_fault": "deaf"})
    assert lux(missed) == pytest.approx(40_000, abs=2)


@pytest.mark.parametrize("address", [0x23, 0x5C])
def test_it_answers_at_the_address_that_it_is_wired_for(read, address):
    [outcome] = read("bh1750", {"illuminance": 320}, address=address)
    assert lux(outcome) == pytest.approx(320, abs=1)
