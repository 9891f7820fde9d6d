"""Summaries of many readings, checked against the same computed straight from them."""

import random
from datetime import UTC, datetime, timedelta
from statistics import fmean
from zoneinfo import ZoneInfo

import pytest

from freetemp.fields import from_millis, to_millis
from readings.models import Reading
from readings.periods import Period
from readings.reports import Measurement
from stations.models import Station

pytestmark = pytest.mark.django_db

START = datetime(2026, 10, 24, tzinfo=UTC)


@pytest.fixture
def kathmandu(db):
    station = Station.objects.create(name="Kathmandu", timezone="Asia/Kathmandu")
    station.fields.update(smallest=-50, largest=60)
    station.fields.create(number=2, name="humidity", unit="%")
    return station


@pytest.fixture
def rows(kathmandu):
    """Three days at irregular moments, a few of them not plausible, and another station beside."""
    rng = random.Random(3)
    moments = sorted(rng.sample(range(3 * 86_400_000), 2_000))
    rows = [
        Measurement(rng.choice((1, 2)), to_millis(START) + at, rng.choice((rng.gauss(10, 5), 85))) for at in moments
    ]
    Reading.objects.store(kathmandu, rows)
    other = Station.objects.create(name="Other")
    other.fields.create(number=2, name="humidity", unit="%")
    Reading.objects.store(other, [row._replace(value=1000) for row in rows])
    return [row for row in rows if row.field == 2 or row.value <= 60]


def test_parts_of_a_period_equal_what_the_readings_say(kathmandu, rows):
    period = Period.containing(START.date(), "month", ZoneInfo("Asia/Kathmandu"))
    edges = [*(part.start for part in period.parts), period.end]
    summaries = Reading.objects.plausible(kathmandu.fields.all()).by_part(edges)
    expected = {}
    for row in rows:
        moment = from_millis(row.measured_at_ms)
        if period.start <= moment < period.end:
            part = next(n for n, each in enumerate(period.parts) if each.start <= moment < each.end)
            expected.setdefault((row.field, part), []).append(row.value)
    assert summaries.keys() == expected.keys()
    assert len(expected) > 4
    for key, values in expected.items():
        summary = summaries[key]
        assert (summary.n, summary.min, summary.max) == (len(values), min(values), max(values))
        assert summary.mean == pytest.approx(fmean(values), abs=1e-9)


def test_extremes_come_with_the_first_moment_at_which_they_were_measured(kathmandu, rows):
    extremes = Reading.objects.plausible(kathmandu.fields.all()).extremes()
    for number in (1, 2):
        own = [row for row in rows if row.field == number]
        low = min(own, key=lambda row: (row.value, row.measured_at_ms))
        high = min(own, key=lambda row: (-row.value, row.measured_at_ms))
        got = extremes[number]
        assert (got.summary.min, got.min_at) == (low.value, from_millis(low.measured_at_ms))
        assert (got.summary.max, got.max_at) == (high.value, from_millis(high.measured_at_ms))


def test_hourly_means_are_those_of_each_station_and_of_nothing_before(kathmandu, rows):
    since = START + timedelta(days=2)
    means = Reading.objects.plausible(kathmandu.fields.filter(number=1)).hourly_means(since)
    expected = {}
    for row in rows:
        if row.field == 1 and row.measured_at_ms >= to_millis(since):
            expected.setdefault(row.measured_at_ms // 3_600_000 * 3_600_000, []).append(row.value)
    assert means.keys() == {kathmandu.pk}
    assert dict(means[kathmandu.pk]) == pytest.approx({hour: fmean(values) for hour, values in expected.items()})


def test_nothing_has_no_summary_and_no_fields_have_no_readings(kathmandu):
    assert Reading.objects.plausible(kathmandu.fields.all()).extremes() == {}
    assert list(Reading.objects.plausible([])) == []
    assert Reading.objects.span(kathmandu) is None


def test_the_span_of_a_station_reaches_from_its_first_reading_to_its_last(kathmandu, rows):
    every = Reading.objects.filter(station=kathmandu).values_list("measured_at", flat=True)
    assert Reading.objects.span(kathmandu) == (min(every), max(every))
