"""Deeds are kept for AUDIT_DAYS, and removing them is a deed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.deeds import record
from audit.models import Event
from audit.retention import LEAP, prune

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOW = timezone.now().replace(microsecond=0)


@pytest.fixture(autouse=True)
def _two_years(settings):
    settings.AUDIT_DAYS = 730


def add(ago, deed="station changed"):
    Event.objects.create(at=NOW - ago, deed=deed)


def test_older_ones_go_and_that_is_written_down():
    add(731 * DAY, "old")
    add(729 * DAY, "young")
    assert prune(NOW) == 1
    assert [event.deed for event in Event.objects.all()] == ["old deeds removed", "young"]
    assert "deeds: 1" in Event.objects.first().details


def test_it_is_harmless_again():
    add(731 * DAY)
    prune(NOW)
    assert prune(NOW) == 0
    assert Event.objects.count() == 1


def test_nothing_goes_without_a_limit(settings):
    settings.AUDIT_DAYS = None
    add(9_000 * DAY)
    assert prune(NOW) == 0


def test_a_clock_that_is_ahead_takes_some_days_only():
    for ago in range(0, 700, 10):
        add(ago * DAY)
    assert prune(NOW + 9_000 * DAY) == LEAP // (10 * DAY)
    assert prune(NOW) == 0


def test_a_server_that_was_off_for_long_catches_up():
    for ago in range(700, 1000, 10):
        add(ago * DAY)
    rounds = 0
    while prune(NOW):
        rounds += 1
    assert (rounds, Event.objects.filter(deed="station changed").count()) == (7, 4)


def test_one_without_old_deeds_takes_one_query(django_assert_num_queries):
    add(DAY)
    with django_assert_num_queries(1):
        prune(NOW)


def test_record_is_the_way():
    assert record
