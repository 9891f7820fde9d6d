"""This server's own record of being up: a row a run, whoever writes it."""

from datetime import UTC, datetime, timedelta

import pytest

from outages.models import ServerRun
from outages.models.server_run import KEPT
from outages.running import note_running

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

pytestmark = pytest.mark.django_db


def note(*minutes):
    for minute in minutes:
        ServerRun.objects.note(NOON + minute * MINUTE)


def runs():
    rows = ServerRun.objects.order_by("began_at").values_list("began_at", "until_at")
    return [((began - NOON) // MINUTE, (until - NOON) // MINUTE) for began, until in rows]


def off(start, end):
    found = ServerRun.objects.off(NOON + start * MINUTE, NOON + end * MINUTE)
    return [((each.start - NOON) // MINUTE, (each.end - NOON) // MINUTE) for each in found]


def test_minutes_in_a_row_are_one_run_and_a_restart_is_no_pause():
    note(0, 1, 2, 2, 4, 3)
    assert runs() == [(0, 4)]


def test_a_pause_begins_a_new_run():
    note(0, 1, 30, 31)
    assert runs() == [(0, 1), (30, 31)]


def test_the_pauses_of_a_time_are_known():
    note(0, 1, 30, 31, 90)
    assert off(-60, 120) == [(1, 30), (31, 90)]
    assert off(10, 20) == [(1, 30)]
    assert off(40, 50) == [(31, 90)]
    assert off(-60, 0) == []
    assert off(90, 120) == []
    assert off(31, 32) == [(31, 90)]


def test_its_share_of_a_time_is_known():
    note(0, 60)
    share = ServerRun.objects.share_off
    assert share(NOON, NOON + HOUR) == 1
    assert share(NOON - HOUR, NOON + HOUR) == 0.5
    assert share(NOON + 15 * MINUTE, NOON + 30 * MINUTE) == 1
    assert share(NOON, NOON) == 0


def test_before_its_first_run_nothing_is_known():
    assert off(0, 100) == []
    note(50, 51)
    assert off(0, 100) == []


def test_a_clock_that_was_ahead_does_not_end_the_record():
    note(0, 1, 100_000, 100_001)
    note(2, 3)
    assert runs() == [(0, 3)]


def test_they_are_bounded():
    ServerRun.objects.bulk_create(
        ServerRun(began_at=NOON - n * HOUR, until_at=NOON - n * HOUR) for n in range(KEPT + 5, 0, -1)
    )
    note(10)
    assert ServerRun.objects.count() == KEPT
    assert ServerRun.objects.filter(until_at=NOON + 10 * MINUTE).exists()


def test_a_clock_that_is_known_to_be_wrong_writes_nothing(monkeypatch):
    monkeypatch.setattr("outages.running.clock.is_behind", lambda at_ms: True)
    note_running()
    assert runs() == []
    monkeypatch.setattr("outages.running.clock.is_behind", lambda at_ms: False)
    note_running()
    assert len(runs()) == 1
