"""The last 24 hours by half hours, counted from the readings one by one."""

import random
from datetime import UTC, datetime, timedelta
from math import fsum
from statistics import fmean

import pytest

from freetemp.fields import to_millis
from readings import ingest
from readings.history.last_day import DAY, last_days, since_ms
from readings.ingest.reports import Measurement
from readings.models import Quarter
from stations.models import Station

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 3, 10, 7, tzinfo=UTC)
QUARTER_MS, HALF_HOUR_MS = 900_000, 1_800_000


@pytest.fixture
def rows(station):
    """Readings at irregular moments, some of them not plausible, and those of other fields and of another station."""
    station.fields.update(smallest=-50, largest=60)
    rng = random.Random(3)
    moments = sorted(rng.sample(range(to_millis(NOW) - 30 * 3_600_000, to_millis(NOW)), 1_000))
    rows = [Measurement(1, at_ms, rng.choice((rng.gauss(10, 5), 85))) for at_ms in moments]
    for each in (station, Station.objects.create(name="Other")):
        each.fields.create(number=2, name="rain", unit="mm")
        more = 0 if each == station else 1_000
        ingest.store(each, [row._replace(field=n, value=abs(row.value) + more) for row in rows[:-1] for n in (1, 2)])
    return [(row.measured_at_ms, abs(row.value)) for row in rows[:-1]]


def right(rows, first_ms, *, has_sums):
    quarters, halves = {}, {}
    for at_ms, value in rows:
        start_ms = (at_ms - has_sums) // QUARTER_MS * QUARTER_MS
        if start_ms >= first_ms:
            quarters.setdefault(start_ms, []).append(value)
    for start_ms, values in quarters.items():
        halves.setdefault(start_ms // HALF_HOUR_MS * HALF_HOUR_MS, []).append(values)
    figure = {True: lambda each: fsum(map(fsum, each)), False: lambda each: fmean(map(fmean, each))}[has_sums]
    every = [value for each in quarters.values() for value in each]
    return list(halves), [figure(each) for each in halves.values()], min(every), max(every)


def half_hours(station, number, now=NOW):
    field = station.fields.get(number=number)
    return last_days([field], now)[field.pk].half_hours(since_ms(now))


def test_half_hours_are_those_of_their_field_and_begin_with_the_quarter_of_a_moment(station, rows):
    plausible = [(at_ms, value) for at_ms, value in rows if value <= 60]
    for minutes in (0, 9, 20, 24):
        now = NOW + timedelta(minutes=minutes)
        first_ms = (to_millis(now) - 86_400_000) // QUARTER_MS * QUARTER_MS
        for number, of_field in ((1, plausible), (2, rows)):
            found = half_hours(station, number, now)
            expected = right(of_field, first_ms, has_sums=number == 2)
            assert found == (expected[0], pytest.approx(expected[1]), *map(pytest.approx, expected[2:]))


def test_only_what_came_since_is_read_again(station, rows, monkeypatch):
    asked, in_spans = [], type(Quarter.objects.all()).in_spans

    def noted(self, wanted):
        asked.extend(to_millis(NOW) - span.start_ms for *_, span in wanted)
        return in_spans(self, wanted)

    monkeypatch.setattr("readings.models.quarter.QuarterQuerySet.in_spans", noted)
    half_hours(station, 1)
    half_hours(station, 1, NOW + timedelta(minutes=20))
    ingest.store(station, [Measurement(1, to_millis(NOW) + 60_000, 12.0)])
    asked[1:] = []  # Storing reads quarters, too.
    assert half_hours(station, 1, NOW + timedelta(minutes=21)).high >= 12.0
    last_ms = to_millis(NOW) - rows[-1][0]
    assert asked[0] >= DAY / timedelta(milliseconds=1)
    assert len(asked) == 2
    assert last_ms <= asked[1] <= last_ms + QUARTER_MS
