"""Boards with the project's firmware in the VM are lost in every way: it is told once, soon, with the right cause."""

from datetime import timedelta

import pytest

from alerts.models import Rhythm
from readings.models import BoardState, Reading
from tests.outages.in_vm.vm_year import VmYear, vm_world

pytestmark = [pytest.mark.sqlite_only, pytest.mark.any_day]

SITES = {"A": [("board", 60), ("board", 60), ("battery", 60)], "B": [("board", 60)]}
LENGTH = timedelta(minutes=13)


@pytest.fixture
def year(transactional_db, settings, tmp_path):
    settings.EMAIL_HOST = "mail.invalid"
    with vm_world(2, tmp_path, SITES) as world:
        yield VmYear(world)


def play(year, *kinds):
    for kind in kinds:
        Rhythm.objects.all().delete()  # What comes on three days is usual.
        year.event(kind, LENGTH)
    found = year.result
    assert found.outages >= len(kinds)
    assert (found.not_once, found.late, found.wrong) == ([], [], [])
    assert found.not_told_once == set()
    for causes in (found.causes, found.after_a_day):
        assert {kind: set(verdicts) for kind, verdicts in causes.items()} == {kind: {"right"} for kind in kinds}


def test_power_that_goes_and_a_network_that_goes(year):
    play(year, "power of one", "power of a site", "wifi of one")
    assert Reading.objects.count() > 40, "what was measured without a network has arrived"


def test_a_board_that_hangs_and_one_that_its_watchdog_restarts(year):
    play(year, "hang", "crash", "no names")
    causes = set(BoardState.objects.exclude(reset_cause=None).values_list("reset_cause", flat=True))
    assert causes >= {3, 4, 6}, "the watchdog's bite, its rescue, and the button"


def test_a_sensor_an_empty_battery_and_a_weak_signal(year):
    play(year, "sensor", "battery", "brown-out", "weak signal")
    assert min(BoardState.objects.exclude(lowest_voltage=None).values_list("lowest_voltage", flat=True)) < 2.8
