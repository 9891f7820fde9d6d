"""SHT3x: Sensirion's datasheet SHT3x-DIS, version 5."""

import pytest

pytestmark = pytest.mark.sqlite_only


def crc(data):
    """Return the checksum by long division, as table 20 describes it."""
    remainder = int.from_bytes(data, "big") << 8 ^ 0xFF << len(data) * 8
    for bit in range(len(data) * 8 + 7, 7, -1):
        if remainder >> bit & 1:
            remainder ^= 0x131 << bit - 8
    return remainder


def says(temperature, humidity):
    words = [word.to_bytes(2, "big") for word in (temperature, humidity)]
    return {"sensor_bytes": {"answer": b"".join(word + bytes([crc(word)]) for word in words).hex()}}


def test_the_checksum_is_the_datasheet_s_example():
    assert crc(bytes.fromhex("beef")) == 0x92


@pytest.mark.parametrize(
    ("word", "celsius"),
    # 4.13: T = -45 + 175 * word / 65535; 0xBEEF is the word of the checksum's example.
    [(0xBEEF, 85_523), (0x6666, 25_000), (0x41D4, 0), (0x41D3, -2), (0x0751, -39_998), (0xF8AE, 124_998)],
)
def test_a_word_of_temperature_is_what_the_formula_says(read, word, celsius):
    [outcome] = read("sht3x", says(word, 0x8000))
    assert outcome["readings"] == {"temperature": celsius, "humidity": 50_001}


def test_words_of_humidity_go_from_nothing_to_everything(read):
    outcomes = read("sht3x", *[says(0x6666, word) for word in (0, 1, 0x3333, 0xFFFE, 0xFFFF)])
    assert [outcome["readings"]["humidity"] for outcome in outcomes] == [0, 2, 20_000, 99_998, 100_000]


@pytest.mark.parametrize("word", [0x0000, 0x0750, 0xF8AF, 0xFFFF])
def test_a_word_outside_of_the_chip_s_range_is_refused(read, word):
    [outcome] = read("sht3x", says(word, 0x8000))
    assert outcome["error"] == "ValueError"
    assert outcome["says"].startswith("it says ")


def test_a_wrong_checksum_is_refused_whichever_bit_is_wrong(read):
    good = bytes.fromhex(says(0xBEEF, 0x1234)["sensor_bytes"]["answer"])
    wrong = [bytes(byte ^ (1 << bit % 8 if i == bit // 8 else 0) for i, byte in enumerate(good)) for bit in range(48)]
    outcomes = read("sht3x", *[{"sensor_bytes": {"answer": data.hex()}} for data in [*wrong, bytes(6), b"\xff" * 6]])
    assert {outcome.get("says") for outcome in outcomes} == {"wrong checksum"}


@pytest.mark.parametrize("address", [0x44, 0x45])
def test_it_answers_at_the_address_that_it_is_wired_for(read, address):
    [outcome] = read("sht3x", {"temperature": 20}, address=address)
    assert abs(outcome["readings"]["temperature"] - 20_000) <= 2


def test_chip_and_driver_agree_from_cold_to_hot(read):
    worlds = [{"temperature": i * 2.3 - 39, "humidity": i * 1.4} for i in range(71)]
    for world, outcome in zip(worlds, read("sht3x", *worlds), strict=True):
        for quantity, value in world.items():
            assert abs(outcome["readings"][quantity] - value * 1000) <= 2  # half of 175 / 65535


@pytest.mark.parametrize("command", ["2130", "306d"])
def test_periodic_measurements_and_a_heater_that_another_program_left_are_ended(read, command):
    [outcome] = read("sht3x", {"temperature": 20, "left": [[0x44, command]]})
    assert abs(outcome["readings"]["temperature"] - 20_000) <= 2
