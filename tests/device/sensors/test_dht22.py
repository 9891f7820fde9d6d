"""DHT22 or AM2302: Aosong's manual of the AM2302."""

import pytest

pytestmark = pytest.mark.sqlite_only

# The manual's examples, and the ends of the measuring range.
BYTES = {
    "028c015fee": {"temperature": 35_100, "humidity": 65_200},
    "0292010da2": {"temperature": 26_900, "humidity": 65_800},
    "028c806573": {"temperature": -10_100, "humidity": 65_200},
    "03e88190fc": {"temperature": -40_000, "humidity": 100_000},
    "0000032023": {"temperature": 80_000, "humidity": 0},
    "0001800081": {"temperature": 0, "humidity": 100},
}


def says(data):
    return {"sensor_bytes": {"answer": data}}


def whole(data):
    """Return four bytes with their sum."""
    return says((bytes.fromhex(data) + bytes([sum(bytes.fromhex(data)) & 0xFF])).hex())


def test_five_bytes_are_what_the_manual_says_they_are(read):
    outcomes = read("dht22", *[says(data) for data in BYTES])
    assert [outcome["readings"] for outcome in outcomes] == list(BYTES.values())


def test_the_manual_s_example_of_a_wrong_sum_is_refused(read):
    [outcome] = read("dht22", says("0292010db2"))
    assert outcome["says"] == "wrong checksum"


def test_a_wrong_sum_is_refused_whichever_bit_is_wrong(read):
    good = bytes.fromhex("028c015fee")
    wrong = [bytes(byte ^ (1 << bit % 8 if i == bit // 8 else 0) for i, byte in enumerate(good)) for bit in range(40)]
    outcomes = read("dht22", *[says(data.hex()) for data in wrong])
    assert {outcome.get("says") for outcome in outcomes} == {"wrong checksum"}


def test_chips_with_two_s_complement_below_zero_are_understood(read):
    outcomes = read("dht22", whole("028cffff"), whole("028cfe70"))
    assert [outcome["readings"]["temperature"] for outcome in outcomes] == [-100, -40_000]


@pytest.mark.parametrize("data", ["028c0321", "028c8191", "03e9015f", "028c7f72", "ffffffff", "028cfe6f"])
def test_what_it_cannot_measure_is_refused_though_the_sum_is_right(read, data):
    [outcome] = read("dht22", whole(data))
    assert outcome["error"] == "ValueError"
    assert outcome["says"].startswith("it says ")


def test_nothing_but_zeros_is_refused(read):
    [outcome] = read("dht22", says("0000000000"))
    assert outcome["says"] == "it says only zeros"


def test_a_reading_is_of_now_though_the_chip_answers_with_what_it_measured_before(read):
    outcomes = read("dht22", {"temperature": 20}, {"temperature": -5}, {"temperature": 30})
    assert [outcome["readings"]["temperature"] for outcome in outcomes] == [20_000, -5_000, 30_000]


def test_a_first_answer_that_does_not_come_is_not_missed(read):
    """The board may have asked the chip a moment ago, before a reset."""
    [outcome] = read("dht22", {"sensor_fault": "blink", "temperature": 20})
    assert outcome["readings"]["temperature"] == 20_000


def test_it_is_not_asked_more_often_than_it_can_answer(read):
    outcomes = read("dht22", *[{"before_ms": before_ms} for before_ms in (0, 0, 1, 1000, 1999, 2000)])
    assert all("readings" in outcome for outcome in outcomes)


def test_it_is_asked_again_after_ticks_have_wrapped(read):
    """2**29 ms are six days, and further apart ticks_diff says nothing."""
    outcomes = read("dht22", *[{"before_ms": before_ms} for before_ms in (0, 2**29 - 1000, 2**29, 2**29 + 1000, 2**30)])
    assert all("readings" in outcome and 0 <= outcome["took_ms"] < 10_000 for outcome in outcomes)


def test_chip_and_driver_agree_from_cold_to_hot(read):
    worlds = [{"temperature": i * 1.7 - 40, "humidity": i * 1.4} for i in range(70)]
    for world, outcome in zip(worlds, read("dht22", *worlds), strict=True):
        for quantity, value in world.items():
            assert abs(outcome["readings"][quantity] - value * 1000) <= 51  # half of 0.1
