"""What a board tells of itself, and what follows from it."""

import pytest

from outages.causes import Cause
from readings.models.board_state import BoardState
from tests.outages.conftest import NOON


@pytest.fixture
def roof(sky):
    return sky.make()


def start(sky, station, minute, *, boot=7, number=1, until=0, **own):
    own = {"up_s": 5} | own
    BoardState.objects.create(
        station=station, boot=boot, start=number, first_at=sky.at(minute), last_at=sky.at(until or minute), **own
    )


def cause_of_an_hour(sky, station):
    """Return the cause of an outage that ended after an hour."""
    sky.look(30)
    sky.hear(60, station)
    sky.look(60)
    sky.look(64)
    outage = sky.outage(station)
    return outage.cause, outage.is_sure


@pytest.mark.all_parameters
@pytest.mark.parametrize(
    ("after", "found"),
    [
        ({"boot": 8}, (Cause.POWER, False)),
        ({"boot": 8, "reset_cause": 6}, (Cause.POWER, False)),
        ({"number": 2, "reset_cause": 3}, (Cause.CRASH, True)),
        ({"number": 2, "reset_cause": 4}, (Cause.CRASH, False)),
        ({"number": 2, "reset_cause": 6}, (Cause.HANG, False)),
        ({"number": 2}, (Cause.HANG, False)),
    ],
)
def test_a_start_at_the_end_of_an_outage_tells_its_cause(sky, roof, after, found):
    start(sky, roof, -500, until=-1)
    start(sky, roof, 60, until=64, **after)
    assert cause_of_an_hour(sky, roof) == found


def test_a_board_that_ran_all_the_time_had_no_values(sky, roof):
    start(sky, roof, -500, until=64)
    assert cause_of_an_hour(sky, roof) == (Cause.SENSOR, False)


def test_a_start_some_hours_later_is_of_something_else(sky, roof):
    start(sky, roof, -500, until=64)
    start(sky, roof, 70, boot=8)
    assert cause_of_an_hour(sky, roof) == (Cause.SENSOR, False)


def test_a_board_with_a_low_supply_ran_out_of_battery(sky, roof):
    start(sky, roof, -500, until=-1, voltage=2.6)
    start(sky, roof, 60, boot=8, voltage=3.3)
    assert cause_of_an_hour(sky, roof) == (Cause.BATTERY, False)


def test_a_weak_signal_is_kept_for_later_weighings(sky, roof):
    start(sky, roof, -500, until=64, rssi=-89)
    sky.arrive(roof, range(1, 60))
    assert cause_of_an_hour(sky, roof) == (Cause.SIGNAL, False)
    BoardState.objects.update(rssi=-50)
    sky.hear(95, roof)
    sky.look(95)
    assert sky.outage(roof).cause == Cause.SIGNAL
    assert sky.outage(roof).began_at == NOON
