"""A few days of the simulated year: an event of some kinds, told once, soon, and with its cause."""

from datetime import timedelta

import pytest

from alerts.models import Rhythm
from tests.outages.year import Year, make_world

pytestmark = [pytest.mark.sqlite_only, pytest.mark.any_day]

SITES = {"A": [("board", 60), ("board", 60), ("single", 60)], "B": [("board", 60), ("old", 60), ("foreign", 60)]}

SHORTLY = ["power of a site", "router of a site", "foreign alone"]


@pytest.fixture
def year(transactional_db, settings):
    settings.EMAIL_HOST = "mail.invalid"
    world = make_world(3, SITES)
    with world.clock():
        yield Year(world)


def test_an_outage_is_told_once_and_soon_and_with_its_cause(year):
    for kind in SHORTLY:
        Rhythm.objects.all().delete()  # What comes on three days is usual.
        year.event(kind, timedelta(minutes=14))
    found = year.result
    assert found.outages > len(SHORTLY)
    assert found.not_once == []
    assert found.not_told_once == set()
    assert found.late == []
    for causes in (found.causes, found.after_a_day):
        assert set(causes) == set(SHORTLY)
        assert {kind: set(verdicts) for kind, verdicts in causes.items()} == {
            kind: {"not known" if kind == "foreign alone" else "right"} for kind in SHORTLY
        }


def test_lost_reports_and_late_ones_are_no_alarm(year):
    year.quiet_hour()
    assert year.result.false_alarms == []


def test_a_server_that_nobody_reaches_is_told_as_that_though_some_stations_are_often_away_for_as_long(year):
    """Their limit is longer than the event, so they have no outage of their own. They are lost all the same."""
    for device in year.world.devices[:2]:
        for days in range(3):
            day = year.world.now.toordinal() - days
            Rhythm.objects.create(station=device.station, day=day, longest_s=2400)
    year.event("server not reached", timedelta(minutes=36))
    found = year.result
    assert (found.usual, found.outages) == (2, 4)
    assert found.causes == {"server not reached": {"right": 4}}
    assert found.not_told_once == set()
