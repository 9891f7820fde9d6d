"""MCP9808: Microchip's datasheet DS25095A."""

import pytest

pytestmark = pytest.mark.sqlite_only

# Register 5-4 and equation 5-1: sixteenths in bits 12 to 0, alerts above them. 0xC194 is figure 5-5's +25.25 degC.
WORDS = {
    "c194": 25_250,
    "0194": 25_250,
    "0000": 0,
    "0001": 62,  # 0.0625
    "1fff": -63,
    "3ff0": -1_000,
    "fe68": -25_500,
    "1d80": -40_000,
    "c7d0": 125_000,
}


def test_a_word_is_what_the_datasheet_says_it_is(read):
    outcomes = read("mcp9808", *[{"sensor_bytes": {"5": word}} for word in WORDS])
    assert [outcome["readings"]["temperature"] for outcome in outcomes] == list(WORDS.values())


@pytest.mark.parametrize("word", ["1d7f", "c7d1", "0fff", "1000"])
def test_a_word_outside_of_the_chip_s_range_is_refused(read, word):
    [outcome] = read("mcp9808", {"sensor_bytes": {"5": word}})
    assert outcome["error"] == "ValueError"
    assert outcome["says"].startswith("it says ")


def test_chip_and_driver_agree_from_cold_to_hot(read):
    temperatures = [tenths / 10 for tenths in range(-400, 1251, 33)]
    outcomes = read("mcp9808", *[{"temperature": temperature} for temperature in temperatures])
    for temperature, outcome in zip(temperatures, outcomes, strict=True):
        assert abs(outcome["readings"]["temperature"] - temperature * 1000) <= 32  # half of 0.0625, cut to thousandths


@pytest.mark.parametrize("ids", [{"6": "0000", "7": "0400"}, {"6": "0054", "7": "0200"}, {"6": "ffff", "7": "ffff"}])
def test_another_chip_at_its_address_is_no_thermometer(read, ids):
    [outcome] = read("mcp9808", {"sensor_bytes": ids})
    assert outcome["says"] == "the chip is not an MCP9808"


def test_after_it_lost_its_power_its_zero_is_no_temperature(read):
    """CONFIG and the temperature are 0 then, until a first conversion."""
    lost, again = read("mcp9808", {"sensor_fault": "blink"}, {"temperature": 20})
    assert lost["says"] == "it lost power while measuring"
    assert again["readings"] == {"temperature": 20_000}


def test_zeros_in_every_register_after_the_ids_are_no_temperature(read):
    [outcome] = read("mcp9808", {"sensor_bytes": {"1": "0000", "5": "0000"}})
    assert outcome["says"] == "it lost power while measuring"


def test_a_bit_turned_over_on_the_wire_is_noticed_without_a_checksum(read):
    outcomes = read("mcp9808", *[{"sensor_fault": "crc"}] * 20)
    assert {outcome.get("says") for outcome in outcomes} == {"two reads differ: shorten its wires"}


@pytest.mark.parametrize("address", [0x18, 0x1F])
def test_it_answers_at_the_address_that_it_is_wired_for(read, address):
    [outcome] = read("mcp9808", {"temperature": 20}, address=address)
    assert outcome["readings"] == {"temperature": 20_000}


def test_a_coarse_resolution_that_another_program_left_is_made_fine(read):
    [outcome] = read("mcp9808", {"temperature": 20.0625, "left": [[0x18, "0800"]]})
    assert outcome["readings"] == {"temperature": 20_062}


def test_each_reading_is_of_now_though_it_slept_since_the_last(read):
    outcomes = read("mcp9808", {"temperature": 20}, {"temperature": -5}, {"temperature": 30})
    assert [outcome["readings"]["temperature"] for outcome in outcomes] == [20_000, -5_000, 30_000]
