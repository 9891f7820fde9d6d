"""The wind vane: SparkFun's table of resistors, the divider of a D1 mini, and means over north."""

import json

import pytest

pytestmark = pytest.mark.sqlite_only

DIRECTIONS = [22.5 * at for at in range(16)]

# What A0 reads with 10 kilohms to 3.3 V, of the datasheet's ohms in parallel with the 320 kilohms of the board.
LEVELS = [791, 414, 469, 86, 96, 68, 189, 130, 294, 250, 638, 607, 947, 832, 891, 710]


def direction(outcome):
    return outcome["readings"]["wind_direction"]


def test_each_of_the_16_directions_is_itself(read):
    outcomes = read("wind_vane", *[{"wind_direction": degrees} for degrees in DIRECTIONS])
    assert [direction(outcome) for outcome in outcomes] == [degrees * 1000 for degrees in DIRECTIONS]


def test_the_levels_are_those_of_the_datasheet(read):
    outcomes = read("wind_vane", *[{"a0": level} for level in LEVELS])
    assert [direction(outcome) for outcome in outcomes] == [degrees * 1000 for degrees in DIRECTIONS]


@pytest.mark.parametrize("factor", [0.98, 1.02])
def test_a_supply_or_a_converter_that_is_off_by_two_percent_changes_no_direction_by_more_than_the_next(read, factor):
    """At the top, 120 and 64.9 kilohms are 6 % apart; at the bottom, 891 ohms and 1 kilohm are 10 steps apart."""
    outcomes = read("wind_vane", *[{"a0": round(level * factor)} for level in LEVELS])
    assert [direction(outcome) for outcome in outcomes] == [degrees * 1000 for degrees in DIRECTIONS]


def test_another_pull_up_has_another_table(read):
    low = 891 * 320_000 / 320_891
    level = round(low / (low + 4_700) * 3.3 / 3.2 * 1024)
    [outcome] = read("wind_vane", {"a0": level}, pull_up=4_700)
    assert direction(outcome) == 67_500


@pytest.mark.parametrize("level", [1024, 1000, 30, 0])
def test_without_a_vane_or_with_a_short_it_says_so(read, level):
    wrong, again = read("wind_vane", {"a0": level}, {"wind_direction": 90})
    assert (wrong["error"], wrong["says"]) == ("ValueError", f"no vane: A0 reads {level}")
    assert direction(again) == 90_000


def test_no_vane_at_all_is_noticed(read):
    [outcome] = read("wind_vane", {"wind_direction": None})
    assert outcome["says"] == "no vane: A0 reads 1024"


def test_a_contact_that_fails_now_and_then_leaves_the_other_samples(run):
    vm = run(TURNING % json.dumps([[45, 30], [None, 20], [45, 10]]), speed=1_000_000)
    assert vm.lines == ["[('wind_direction', 45000)]"]


TURNING = """
import json, time, world
from sensors.wind_vane import Sensor

def point(degrees):
    world.save("world.json", json.dumps({"wind_direction": degrees, "speed": 1000000}).encode())
    world._read_ms = None

point(0)
sensor = Sensor({"pull_up": 10000})
for degrees, seconds in json.loads('%s'):
    point(degrees)
    time.sleep(seconds)
print(sensor.read())
"""


@pytest.mark.parametrize(
    ("turns", "mean"),
    [
        ([[337.5, 30], [22.5, 31]], 0),
        ([[0, 40], [90, 41]], 45),
        ([[0, 60], [22.5, 21]], 5.8),
        ([[315, 30], [270, 31]], 292.5),
    ],
)
def test_the_mean_is_that_of_vectors_and_goes_through_north(run, turns, mean):
    vm = run(TURNING % json.dumps(turns), speed=1_000_000)
    [(_, thousandths)] = json.loads(vm.lines[-1].replace("(", "[").replace(")", "]").replace("'", '"'))
    # On a busy machine, some samples more are taken while the vane is turned.
    assert min(abs(thousandths - mean * 1000), 360_000 - abs(thousandths - mean * 1000)) <= 4_000


def test_opposite_directions_have_no_mean(run):
    program = "from sensors.wind_vane import mean\nprint(mean([1] * 16), mean([7] + [0] * 7 + [7] + [0] * 7))"
    assert run(program).lines == ["None None"]
