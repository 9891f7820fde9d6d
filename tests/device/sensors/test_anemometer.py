"""The anemometer: the mean of an interval, and its highest 3 s."""

import pytest

pytestmark = pytest.mark.sqlite_only

PIN = 13
AT_ONE_HZ = 666.7  # thousandths of m/s


def turning(hertz, **facts):
    return {"hertz": {str(PIN): hertz}, **facts}


def wind(outcome):
    return outcome["readings"]["wind_speed"], outcome["readings"]["wind_gust"]


@pytest.mark.parametrize("hertz", [0.5, 5, 60])
def test_a_steady_wind_is_its_own_gust_to_one_turn_in_3_seconds(read, hertz):
    [outcome] = read("anemometer", turning(hertz))
    speed, gust = wind(outcome)
    assert speed == pytest.approx(hertz * AT_ONE_HZ, rel=0.002, abs=AT_ONE_HZ / 50)
    # On a busy computer, turns come late and then together. A window of another length is wrong by half or more.
    assert speed <= gust <= 1.15 * hertz * AT_ONE_HZ + AT_ONE_HZ / 2.9


def test_a_calm_is_zero_and_not_silent(read):
    [outcome] = read("anemometer", {})
    assert wind(outcome) == (0, 0)


def test_a_gust_is_the_highest_mean_over_3_seconds_of_its_interval(read):
    gust = [[20_500 + 83 * turn, PIN] for turn in range(36)]  # 12 Hz for 3 s
    short = [[40_500 + 50 * turn, PIN] for turn in range(20)]  # 20 Hz for 1 s
    worlds = [{"closings": gust + short}] * 2
    first, second = read("anemometer", *worlds)
    speed, highest = wind(first)
    assert speed == pytest.approx(56 * AT_ONE_HZ / 60, abs=5)
    assert 11.5 * AT_ONE_HZ <= highest <= 12.4 * AT_ONE_HZ
    assert wind(second) == (0, 0)


def test_a_switch_that_bounces_is_one_turn(read):
    closings = [[1_000 * second + bounce, PIN] for second in range(1, 60) for bounce in (0, 1, 3, 8)]
    [outcome] = read("anemometer", {"closings": closings})
    assert wind(outcome)[0] == pytest.approx(AT_ONE_HZ, abs=AT_ONE_HZ / 50)


def test_before_its_first_3_seconds_it_says_nothing_and_forgets_nothing(read):
    early, later = read("anemometer", turning(3, before_ms=2_000), turning(3, before_ms=8_000))
    assert early["readings"] == {}
    assert wind(later)[0] == pytest.approx(3 * AT_ONE_HZ, abs=AT_ONE_HZ / 5)


def test_another_make_has_its_own_speed_at_one_turn(read):
    [outcome] = read("anemometer", turning(10), speed=10_058)  # Davis: 2.25 mph
    assert wind(outcome)[0] == pytest.approx(10_058, abs=30)


def test_a_long_interval_is_one_mean(read):
    [outcome] = read("anemometer", turning(0.02, before_ms=3_600_000))
    assert wind(outcome)[0] == pytest.approx(13, abs=1)


BUSY = """
import reeds, time
from sensors.anemometer import Sensor

sensor = Sensor({"data": 13, "speed": 6667})
time.sleep_ms(30_000)
reeds.busy(400)
time.sleep_ms(29_600)
print(sensor.read()[0][1])
"""


def test_a_call_into_c_costs_the_turns_that_happen_in_it_and_no_more(run):
    """The callbacks that the port queues run at once then, and count as one turn that bounces."""
    [mean] = run(BUSY, hertz={str(PIN): 20}).lines
    assert 20 * AT_ONE_HZ * 59.5 / 60 <= int(mean) <= 20 * AT_ONE_HZ * 59.8 / 60
