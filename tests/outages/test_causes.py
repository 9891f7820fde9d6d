"""The decision about a cause: a table of cases, and what holds for all facts."""

import itertools

import pytest

from outages.causes import CRASHES, Cause, Facts, decide

LATE = {"expected": 100, "arrived": 100}
NONE = {"expected": 100, "arrived": 0}
ANEW, SAME = NONE | {"started_anew": True}, NONE | {"started_anew": False}
ALL_OF_THREE = {"others": 2, "together": 2}


@pytest.mark.parametrize(
    ("known", "cause", "is_sure"),
    [
        ({}, Cause.UNKNOWN, False),
        (NONE, Cause.UNKNOWN, False),
        (NONE | ALL_OF_THREE, Cause.UNKNOWN, False),
        # The board measured all along, so it had power.
        (LATE, Cause.NETWORK, True),
        (LATE | {"arrived": 50}, Cause.NETWORK, True),
        (LATE | {"arrived": 50, "started_anew": True}, Cause.NETWORK, True),
        (LATE | {"others": 4, "together": 2}, Cause.NETWORK, True),
        (LATE | {"others": 1, "together": 1}, Cause.WAY, False),
        (LATE | ALL_OF_THREE, Cause.WAY, True),
        (LATE | {"rssi": -88}, Cause.SIGNAL, False),
        (LATE | {"rssi": -60}, Cause.NETWORK, True),
        (LATE | {"rssi": -88, "others": 4, "together": 1}, Cause.NETWORK, True),
        # This server was off.
        (LATE | {"server_off": 0.9}, Cause.SERVER, True),
        (NONE | {"server_off": 0.9}, Cause.SERVER, True),
        (SAME | {"server_off": 0.9}, Cause.SERVER, True),
        (ANEW | {"server_off": 0.9}, Cause.POWER, True),
        (ANEW | {"server_off": 0.3}, Cause.POWER, False),
        (NONE | {"server_off": 0.3}, Cause.UNKNOWN, False),
        # The board has lost its memory.
        (ANEW, Cause.POWER, False),
        (ANEW | {"arrived": 20}, Cause.POWER, False),
        (ANEW | {"others": 4, "together": 2}, Cause.POWER, True),
        (ANEW | {"others": 4, "together": 2, "together_late": 2}, Cause.POWER, False),
        (ANEW | {"voltages": (3.5, 4.1)}, Cause.BATTERY, False),
        (ANEW | {"voltages": (2.6, 2.7)}, Cause.BATTERY, False),
        (ANEW | {"voltages": (4.0, 4.1)}, Cause.POWER, False),
        (ANEW | {"voltages": (3.5, 4.1), "others": 4, "together": 2}, Cause.POWER, True),
        (ANEW | {"reset_cause": 1}, Cause.CRASH, True),
        (ANEW | {"reset_cause": 6}, Cause.POWER, False),
        # The board has kept its memory, and measured nothing.
        (SAME, Cause.HANG, False),
        (SAME | {"reset_cause": 6}, Cause.HANG, False),
        (SAME | {"reset_cause": 3}, Cause.CRASH, True),
        (SAME | {"reset_cause": 4}, Cause.CRASH, False),
        (SAME | {"reset_cause": 3, "ran_through": True}, Cause.SENSOR, False),
        (NONE | {"was_heard": True}, Cause.SENSOR, True),
        # A device of another maker, or a board that reports single values.
        (NONE | {"others": 4, "together": 2, "together_anew": 2}, Cause.POWER, False),
        (NONE | {"others": 4, "together": 2, "together_late": 2}, Cause.NETWORK, False),
        (NONE | ALL_OF_THREE | {"together_late": 2}, Cause.WAY, False),
        (NONE | {"others": 4, "together": 2, "together_late": 1, "together_anew": 1}, Cause.NETWORK, False),
        (NONE | {"voltages": (1.1, 1.5)}, Cause.BATTERY, False),
        (NONE | {"rssi": -90}, Cause.SIGNAL, False),
        (NONE | {"rssi": -90, "others": 4, "together": 2}, Cause.UNKNOWN, False),
    ],
)
def test_a_cause_follows_from_what_is_known(known, cause, is_sure):
    assert decide(Facts(**known)) == (cause, is_sure)


@pytest.fixture(scope="module")
def every():
    """Facts of each kind, in each combination."""
    columns = {
        "expected": [10],
        "arrived": [0, 3, 10],
        "was_heard": [False, True],
        "started_anew": [None, False, True],
        "reset_cause": [None, 0, 1, 2, 3, 4, 5, 6],
        "ran_through": [None, True],
        "server_off": [0.0, 1.0],
        "others": [0, 2],
        "together": [0, 1, 2],
        "together_anew": [0, 1],
        "together_late": [0, 1],
        "rssi": [None, -60, -90],
        "voltages": [None, (4.0, 4.1), (3.0, 4.1)],
    }
    found = [Facts(*values) for values in itertools.product(*columns.values())]
    return [
        (facts, decide(facts))
        for facts in found
        if facts.together <= facts.others and facts.together_anew + facts.together_late <= facts.together
    ]


def test_what_is_not_known_is_never_sure(every):
    assert not [facts for facts, (cause, is_sure) in every if cause == Cause.UNKNOWN and is_sure]


def test_a_board_that_measured_all_along_had_power(every):
    without = {Cause.POWER, Cause.BATTERY, Cause.CRASH, Cause.HANG}
    assert not [facts for facts, found in every if facts.arrived_late and found.cause in without]


def test_a_board_that_kept_its_memory_had_power(every):
    without = {Cause.POWER, Cause.BATTERY}
    assert not [facts for facts, found in every if facts.started_anew is False and found.cause in without]


def test_a_crash_is_sure_only_by_a_reset_that_tells_it(every):
    assert not [facts for facts, found in every if found == (Cause.CRASH, True) and facts.reset_cause not in CRASHES]


def test_what_this_server_missed_while_it_was_off_is_never_the_networks(every):
    of_networks = {Cause.NETWORK, Cause.WAY, Cause.SIGNAL}
    assert not [facts for facts, found in every if facts.server_off == 1 and found.cause in of_networks]


def test_a_sure_word_about_power_has_a_witness(every):
    sure = [facts for facts, found in every if found == (Cause.POWER, True)]
    assert sure
    assert all(facts.together or facts.server_off for facts in sure)


def test_each_cause_is_found(every):
    assert {found.cause for _, found in every} == set(Cause)
