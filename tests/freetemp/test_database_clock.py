"""The clock that nodes share, as each connection and each group of reports tells it."""

import pytest

from freetemp.clock import DELAY_MS, DatabaseClock
from freetemp.fields import from_millis, to_millis


@pytest.fixture
def machine(monkeypatch):
    """This machine's clock, in milliseconds."""
    clock = [1_000_000]
    monkeypatch.setattr("freetemp.clock.time.time_ns", lambda: clock[0] * 1_000_000)
    monkeypatch.setattr("django.utils.timezone.now", lambda: from_millis(clock[0]))
    return clock


def test_an_answer_that_is_late_does_not_set_the_clock_back(machine):
    clock = DatabaseClock()
    clock.hear(machine[0] + 7_000)
    clock.hear(machine[0] + 7_000 - DELAY_MS + 1)
    assert clock.now_ms() == machine[0] + 7_000
    clock.hear(machine[0] + 7_001)
    assert clock.now_ms() == machine[0] + 7_001


def test_a_clock_that_was_set_is_followed(machine):
    clock = DatabaseClock()
    for ahead_ms in (301_000, -301_000, 0):
        clock.hear(machine[0] + ahead_ms)
        assert clock.now_ms() == clock.arrival_ms(None) == machine[0] + ahead_ms
        assert clock.is_of_another_machine == (ahead_ms != 0)


def test_without_postgresql_it_is_this_machine_s(machine):
    assert DatabaseClock().now_ms() == DatabaseClock().arrival_ms(None) == to_millis(from_millis(machine[0]))
