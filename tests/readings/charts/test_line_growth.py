"""A small line that only gets another end after a report is the line that would be drawn anew."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from freetemp.fields import to_millis
from readings import ingest
from readings.charts.sparkline import drawn
from readings.ingest.reports import Measurement
from stations.models import Field

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 3, 10, 7, tzinfo=UTC)


def field_of(station):
    return Field.objects.select_related("station").get(station=station, number=1)


def report(station, at, value):
    ingest.store(station, [Measurement(1, to_millis(at), value)])


def shown(line):
    return line.path, line.end, line.low, line.high


def past_of(each):
    return each.line._past


def grown_after(station, before, now):
    """Return the line that follows another, after it was compared with the one that is drawn anew."""
    field = field_of(station)
    (after,), (anew,) = drawn([field], [before], now), drawn([field], [None], now)
    assert shown(after.line) == shown(anew.line)
    return after


@pytest.fixture
def day(station):
    """A day of a value every five minutes, and the line of it."""
    for n in range(288, -1, -1):
        report(station, NOW - timedelta(minutes=5 * n), 10 + n % 7)
    return drawn([field_of(station)], [None], NOW)[0]


def test_a_value_of_the_same_half_hour_moves_the_end_alone(station, day):
    report(station, NOW + timedelta(seconds=20), 14.5)
    after = grown_after(station, day, NOW + timedelta(seconds=20))
    assert past_of(after) is past_of(day)
    assert after.line.end != day.line.end


def test_a_new_extreme_a_late_value_and_another_half_hour_draw_it_anew(station, day):
    now = NOW + timedelta(seconds=20)
    for at, value in ((now, 30.0), (NOW - timedelta(hours=2, minutes=1), 30.5), (NOW + timedelta(minutes=25), 12.0)):
        report(station, at, value)
        after = grown_after(station, day, max(at, now))
        assert past_of(after) is not past_of(day)


def test_other_limits_or_digits_draw_it_anew(station, day):
    now = NOW + timedelta(seconds=20)
    report(station, now, 14.5)
    Field.objects.update(decimals=0)
    assert past_of(grown_after(station, day, now)) is not past_of(day)
    Field.objects.update(largest=14.0)
    assert grown_after(station, day, now).line.end == ""


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_it_is_the_line_that_would_be_drawn_anew(station, day, seed):
    rng, now, each = random.Random(seed), NOW, day
    for _ in range(40):
        now += timedelta(seconds=rng.choice([1, 30, 300, 2_000, 20_000]))
        late = timedelta(seconds=rng.choice([0, 0, 0, 100, 5_000, 90_000]))
        report(station, now - late, rng.gauss(13, rng.choice([1, 10])))
        each = grown_after(station, each, now)
