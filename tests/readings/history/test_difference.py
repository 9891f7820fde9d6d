"""The difference of two fields, against one computed from the readings alone."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import fmean
from zoneinfo import ZoneInfo

import pytest

from freetemp.fields import to_millis
from readings import ingest
from readings.calendar.span import Span
from readings.history.difference import difference, in_unit_of, pairs
from readings.history.other_clock import by_days_of
from readings.ingest.reports import Measurement
from stations.models import Station
from tests.readings.history.over_time import HOUR, QUARTER, days, midnight, over_days

pytestmark = pytest.mark.django_db

# Summer time ends in Europe on 25 October, and begins on Lord Howe Island on 4 October, by half an hour.
START = datetime(2026, 9, 10, 0, 7, tzinfo=UTC)
DAYS = 60


def store(station, ages_ms, value, number=1):
    """Store readings that many milliseconds after START. Return them as (Unix milliseconds, value)."""
    rows = [(to_millis(START) + at, value(at)) for at in sorted(ages_ms)]
    ingest.store(station, [Measurement(number, *row) for row in rows])
    return rows


@pytest.fixture(scope="module")
def reported(kept_rows):
    """The keys of stations in two zones, with their readings at random moments: some quarters lack either."""
    zones = ("Europe/Berlin", "Asia/Kathmandu")
    both = [Station.objects.create(name=zone, timezone=zone, interval_s=600) for zone in zones]
    rng = random.Random(5)
    moments = [rng.sample(range(DAYS * 24 * HOUR), 4_000) for _ in both]
    return {each.pk: store(each, own, lambda at: rng.uniform(-20, 30)) for each, own in zip(both, moments, strict=True)}


@pytest.fixture
def two(reported):
    """The fields of both, and their readings."""
    return [Station.objects.get(pk=key).fields.get(number=1) for key in reported], list(reported.values())


def quarters(rows):
    found = {}
    for at, value in rows:
        found.setdefault(at // QUARTER * QUARTER, []).append(value)
    return {at: fmean(values) for at, values in found.items()}


def apart(rows):
    """Return the difference of each quarter that has readings of both."""
    one, other = map(quarters, rows)
    return {at: one[at] - other[at] for at in sorted(one.keys() & other.keys())}


def grouped(values, start_of):
    groups = {}
    for at, value in values.items():
        groups.setdefault(start_of(at), []).append(value)
    return groups


def columns(series):
    rows = zip(series.time, series.mean, series.min, series.max, strict=True)
    return {round(at * 1000): each for at, *each in rows if each[0] is not None}


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "UTC"])
@pytest.mark.parametrize(("span", "points", "step_s"), [(6, 40, 1_800), (60, 70, 3_600), (600, 120, 21_600)])
def test_a_bucket_is_the_mean_of_its_quarters_differences(two, zone, span, points, step_s):
    (of, other), rows = two
    Station.objects.filter(pk=other.station_id).update(timezone=zone)
    other.station.refresh_from_db()
    start, end = START + timedelta(days=20, hours=1), START + timedelta(days=20, hours=1 + span)
    found = difference(of, other, start, end, points)
    step = found.step_s * 1000
    offset = round(end.astimezone(ZoneInfo(zone)).utcoffset().total_seconds() * 1000) % HOUR
    expected = grouped(apart(rows), lambda at: (at + offset) // step * step - offset)
    inside = {at: values for at, values in expected.items() if to_millis(start) - step < at < to_millis(end)}
    assert found.step_s == step_s
    got = columns(found)
    assert got.keys() == inside.keys()
    for at, values in inside.items():
        assert got[at] == pytest.approx([fmean(values), min(values), max(values)], abs=1e-9)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"])
@pytest.mark.parametrize(("points", "length"), [(62, 1), (12, 7)])
def test_days_and_weeks_are_those_of_the_field_that_is_subtracted(two, zone, points, length):
    (of, other), rows = two
    Station.objects.filter(pk=other.station_id).update(timezone=zone)
    other.station.refresh_from_db()
    start, end = START + timedelta(days=1), START + timedelta(days=DAYS - 1)
    found = difference(of, other, start, end, points)
    assert found.step_s == length * 86_400
    own, daily, every = ZoneInfo(zone), {}, apart(rows)
    for begun, ended in days(own, to_millis(START), to_millis(START) + DAYS * 24 * HOUR):
        within = {at: value for at, value in every.items() if begun <= at < ended}
        hours = grouped(within, lambda at, begun=begun: (at - begun) // HOUR)
        daily[begun] = [fmean(map(fmean, hours.values())), min(within.values()), max(within.values())]

    def first(at):
        day = datetime.fromtimestamp(at / 1000, own).date()
        return midnight(day - timedelta(days=day.weekday() if length == 7 else 0), own)

    expected = {}
    for at, row in daily.items():
        expected.setdefault(first(at), []).append(row)
    got = columns(found)
    assert sorted(got) == [at for at in sorted(expected) if first(to_millis(start)) <= at < to_millis(end)]
    for at, values in got.items():
        means, lows, highs = zip(*expected[at], strict=True)
        assert values == pytest.approx([fmean(means), min(lows), max(highs)], abs=1e-9)


def test_narrow_buckets_have_a_reading_of_each_board_and_no_line_where_one_is_silent(station):
    other = Station.objects.create(name="Shed", timezone="UTC")
    minutes = range(120)
    store(station, [n * 60_000 for n in minutes], lambda at: 21.5)
    store(other, [n * 60_000 + 25_000 for n in minutes if not 50 <= n < 70], lambda at: 21.0)
    of, less = station.fields.get(), other.fields.get()
    found = difference(of, less, START, START + timedelta(hours=1, minutes=55), 2_000)
    assert found.step_s == 300  # two of the usual intervals of a minute, in a usual width
    assert set(found.mean) == {0.5, None}
    assert found.mean.count(None) == 1


def test_a_retention_leaves_the_quarters(station):
    other = Station.objects.create(name="Shed", timezone="UTC")
    for each, value in ((station, 3.0), (other, 1.0)):
        store(each, range(0, 4 * HOUR, 60_000), lambda at, value=value: value)
    Station.objects.filter(pk=other.pk).update(raw_since=START + timedelta(days=9))
    other.refresh_from_db()
    found = difference(station.fields.get(), other.fields.get(), START, START + timedelta(minutes=50), 500)
    assert found.step_s == 900
    assert set(found.mean) == {2.0}


def test_values_are_in_the_unit_of_the_first_field(station):
    other = Station.objects.create(name="Shed", timezone="UTC")
    other.fields.create(number=2, name="outside", unit="degF")
    store(station, [0], lambda at: 20.0)
    store(other, [60_000], lambda at: 50.0, number=2)  # 10 degC
    of, less = station.fields.get(), other.fields.get(number=2)
    assert difference(of, less, START, START + timedelta(hours=1), 10).mean == pytest.approx([10.0])
    assert difference(less, of, START, START + timedelta(hours=1), 10).mean == pytest.approx([-18.0])


@pytest.mark.parametrize(
    ("name", "unit"), [("humidity", "%"), ("wind direction", "°"), ("rain", "mm"), ("rain total", "mm")]
)
def test_what_cannot_be_subtracted_is_refused(station, name, unit):
    of, other = station.fields.get(), station.fields.create(number=2, name=name, unit=unit)
    assert in_unit_of(of, other) is None
    with pytest.raises(ValueError, match="cannot be subtracted"):
        difference(of, other, START, START + timedelta(days=1), 10)
    assert (in_unit_of(other, other) is None) == (unit != "%")


def test_pairs_are_the_quarters_of_both(two):
    (of, other), rows = two
    one, two_ = map(quarters, rows)
    span = (to_millis(START), to_millis(START) + 20 * 24 * HOUR)
    expected = [(at, one[at], two_[at]) for at in sorted(one.keys() & two_.keys()) if span[0] <= at < span[1]]
    found = pairs(of, other, Span(*span))
    assert [row[0] for row in found] == [row[0] for row in expected]
    assert [row[1:] for row in found] == [pytest.approx(row[1:]) for row in expected]


@pytest.mark.parametrize("zone", [ZoneInfo(zone) for zone in ("Europe/Berlin", "America/New_York", "UTC")])
def test_figures_by_the_days_of_another_zone_are_right(two, zone):
    (_, other), (_, rows) = two
    edges = [datetime(2026, 10, day, tzinfo=zone) for day in (19, 20, 25, 26)] + [datetime(2026, 11, 3, 5, tzinfo=zone)]
    now = datetime(2026, 11, 3, 3, 30, tzinfo=zone)
    found = by_days_of(zone, other, edges, now)
    assert sorted(found) == [0, 1, 2, 3]
    for part, (start, end) in enumerate(pairwise(edges)):
        span = to_millis(start), to_millis(end)
        within = [value for at, value in rows if span[0] <= at < span[1]]
        assert (found[part].min, found[part].max) == (min(within), max(within))
        assert found[part].mean == pytest.approx(over_days(rows, *span, zone, to_millis(now)), abs=1e-9)
