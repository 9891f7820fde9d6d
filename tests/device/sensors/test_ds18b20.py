"""DS18B20: Maxim's datasheet 19-7487, Rev 6."""

import pytest

pytestmark = pytest.mark.sqlite_only

# Table 1.
WORDS = {
    "07d0": 125_000,
    "0550": 85_000,
    "0191": 25_062,  # 25.0625
    "00a2": 10_125,
    "0008": 500,
    "0000": 0,
    "fff8": -500,
    "ff5e": -10_125,
    "fe6f": -25_063,
    "fc90": -55_000,
}
AFTER_WRITING = bytes.fromhex("55aa7fff0c10")  # alarms and configuration as the driver wrote them, reserved bytes
POWER_ON = bytes.fromhex("5005 4b46 7f ff0c10")  # figure 9: 85 degC, and the content of its EEPROM


def crc(data):
    """Return the checksum bit by bit, as the shift register of figure 11 does."""
    register = 0
    for byte in data:
        for i in range(8):
            bit = (byte >> i ^ register) & 1
            register = register >> 1 ^ (0b10001100 if bit else 0)
    return register


def scratchpad(word, rest=AFTER_WRITING):
    """Return a world with a chip that says these two bytes, and the rest with its checksum."""
    data = bytes.fromhex(word)[::-1] + rest
    return {"sensor_bytes": {"answer": (data + bytes([crc(data)])).hex()}}


def test_the_checksum_is_the_known_one_of_a_chip_after_power_on():
    assert crc(POWER_ON) == 0x1C


def test_a_word_is_what_the_datasheet_says_it_is(read):
    outcomes = read("ds18b20", *[scratchpad(word) for word in WORDS])
    assert [outcome["readings"]["temperature"] for outcome in outcomes] == list(WORDS.values())


@pytest.mark.parametrize("word", ["07ff", "07d1", "fc8f", "f810"])  # 127.9375 and -127, too
def test_a_word_outside_of_the_chip_s_range_is_refused(read, word):
    [outcome] = read("ds18b20", scratchpad(word))
    assert outcome["error"] == "ValueError"
    assert outcome["says"].startswith("it says ")


def test_85_degrees_of_a_chip_that_lost_its_power_are_no_temperature(read):
    bytes_of_it = (POWER_ON + bytes([crc(POWER_ON)])).hex()
    outcomes = read("ds18b20", {"sensor_bytes": {"answer": bytes_of_it}}, {"sensor_fault": "nonsense"})
    assert {outcome.get("says") for outcome in outcomes} == {"it lost power while measuring (85 degC)"}


def test_85_degrees_are_measured_twice_and_then_believed(read):
    warm, hot = read("ds18b20", {"temperature": 84.9375}, {"temperature": 85})
    assert (warm["readings"], hot["readings"]) == ({"temperature": 84_937}, {"temperature": 85_000})
    assert hot["took_ms"] >= 2 * 750 > warm["took_ms"]


def test_85_degrees_of_a_chip_that_did_not_hear_the_command_are_measured_again(read):
    [outcome] = read("ds18b20", {"sensor_fault": "deaf", "temperature": 20})
    assert outcome["readings"] == {"temperature": 20_000}


def test_a_wrong_checksum_is_refused_whichever_bit_is_wrong(read):
    good = bytes.fromhex(scratchpad("0191")["sensor_bytes"]["answer"])
    wrong = [bytes(byte ^ (1 << bit % 8 if i == bit // 8 else 0) for i, byte in enumerate(good)) for bit in range(72)]
    outcomes = read("ds18b20", *[{"sensor_bytes": {"answer": data.hex()}} for data in wrong])
    assert {outcome.get("says") for outcome in outcomes} == {"wrong checksum"}


def test_nothing_but_zeros_has_the_right_checksum_and_is_refused(read):
    [outcome] = read("ds18b20", {"sensor_bytes": {"answer": "00" * 9}})
    assert outcome["error"] == "ValueError"


def test_its_older_sister_counts_differently_and_is_refused(read):
    """A DS18S20 keeps alarms too, but has no configuration: 0xFF there, and half degrees."""
    [outcome] = read("ds18b20", scratchpad("0032", bytes.fromhex("55aaffff0c10")))
    assert outcome["says"] == "the chip is not a DS18B20"


def test_chip_and_driver_agree_from_cold_to_hot(read):
    temperatures = [tenths / 10 for tenths in range(-550, 1251, 61)]
    outcomes = read("ds18b20", *[{"temperature": temperature} for temperature in temperatures])
    for temperature, outcome in zip(temperatures, outcomes, strict=True):
        assert abs(outcome["readings"]["temperature"] - temperature * 1000) <= 32  # half of 0.0625, cut to thousandths
