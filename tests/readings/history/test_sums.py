"""Rain in buckets, and how fast it fell, against sums over the raw readings."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import fsum
from random import Random
from zoneinfo import ZoneInfo

import pytest

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.calendar.days import midnight
from readings.calendar.span import Span
from readings.history.of_kind import history_of
from readings.history.sums import highest_rate
from readings.history.totals import History, by_field
from readings.ingest.reports import Measurement
from stations.models import Station

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Europe/Berlin")
TIP_MM = 0.2
START = midnight(date(2026, 3, 27), ZONE)
DAYS = 40  # Clocks are set on the third day.


@pytest.fixture(scope="module")
def tips():
    """Return the moments of a gauge's tips, with showers, one that lasts over a midnight, and dry days."""
    random, moments = Random(13), []
    showers = [(random.uniform(0, DAYS * 86_400), random.uniform(600, 14_400)) for _ in range(30)]
    showers.append(((midnight(date(2026, 4, 3), ZONE) - START).total_seconds() - 1800, 3600))
    for begin, length in showers:
        moments += [START + timedelta(seconds=begin + random.uniform(0, length)) for _ in range(random.randint(1, 60))]
    return sorted(each for each in moments if each < START + timedelta(days=DAYS))


@pytest.fixture(scope="module")
def reported(kept_rows, tips):
    """Return the key of a station that reports its rain: the amount, and a total that begins anew each day.

    It reports every quarter of an hour, and every five minutes around the shower over midnight. The gateway's day
    begins at midnight in UTC, not in the station's zone, and its counter rolls over at 20 mm.
    """
    station = Station.objects.create(name="Garden", timezone="Europe/Berlin", interval_s=300)
    station.fields.all().delete()
    station.fields.create(number=1, name="rain", unit="mm")
    station.fields.create(number=2, name="rain today", unit="mm")
    station.fields.create(number=3, name="rain total", unit="mm", rolls_over_at=20.0)
    rows, total, today, left = [], 0, 0, list(tips)
    minutes = [n for n in range(0, DAYS * 1440 + 1, 5) if n % 15 == 0 or abs(n / 1440 - 7) < 1]
    for before, at in pairwise(START + timedelta(minutes=n) for n in minutes):
        fallen = 0
        while left and left[0] <= at:
            left.pop(0)
            fallen += 1
        today = fallen if before.time() == datetime.min.time() else today + fallen
        total += fallen
        values = (fallen * TIP_MM, today * TIP_MM, total % 100 * TIP_MM)
        rows += [Measurement(number, to_millis(at), value) for number, value in enumerate(values, start=1)]
    rows[:0] = [Measurement(number, to_millis(START), 0.0) for number in (2, 3)]
    ingest.store(station, rows)
    return station.pk


@pytest.fixture
def garden(reported):
    return Station.objects.get(pk=reported)


def fallen(tips, start, end):
    """Return what fell between two moments in mm; a report's rain is that of the time before it."""
    return TIP_MM * sum(start <= each < end for each in tips)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_every_day_has_the_rain_that_fell_on_it(garden, tips, number):
    days = [date(2026, 3, 27) + timedelta(days=n) for n in range(DAYS)]
    edges = [midnight(day, ZONE) for day in [*days, date(2026, 5, 6)]]
    found = history_of(garden.fields.get(number=number), edges[0], edges[-1], 500)
    assert found.per == "day"
    assert found.time == [edge.timestamp() for edge in edges[:-1]]
    assert found.end == [edge.timestamp() for edge in edges[1:]]
    right = [fallen(tips, *span) for span in pairwise(edges)]
    assert max(right) > 0
    assert found.sum == pytest.approx(right, abs=1e-9)


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize(
    ("length", "per", "width"),
    [(timedelta(hours=6), "quarter", timedelta(minutes=15)), (timedelta(days=1), "hour", timedelta(hours=1))],
)
def test_narrow_buckets_have_the_rain_that_fell_in_them(garden, tips, number, length, per, width):
    start = midnight(date(2026, 4, 3), ZONE) - timedelta(hours=3)
    found = history_of(garden.fields.get(number=number), start, start + length, 500)
    assert found.per == per
    right = [fallen(tips, start + n * width, start + (n + 1) * width) for n in range(length // width)]
    assert sum(right) > 0
    assert found.sum == pytest.approx(right, abs=1e-9)


def test_a_year_is_drawn_by_months_which_are_whole(garden, tips):
    found = history_of(garden.fields.get(number=1), datetime(2026, 1, 15, tzinfo=UTC), START + timedelta(days=300), 500)
    assert found.per == "month"
    months = [midnight(date(2026, n, 1), ZONE) for n in range(3, 7)]
    right = [fallen(tips, *span) for span in pairwise(months)]
    cut = history_of(garden.fields.get(number=1), START + timedelta(days=20), START + timedelta(days=300), 500)
    assert cut.sum == pytest.approx(right[1:], abs=1e-9)
    assert found.time == [month.timestamp() for month in months[:-1]]
    assert found.sum == pytest.approx(right, abs=1e-9)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_sum_of_a_period_is_what_fell(garden, tips, number):
    """Whole days, parts of days, and a range that cuts quarters, which counts them as whole."""
    history = History(garden, list(garden.fields.all()), START + timedelta(days=DAYS + 5))
    for start, end in [
        (START, START + timedelta(days=DAYS)),
        (START + timedelta(days=2, hours=7), START + timedelta(days=30, hours=1)),
        (START + timedelta(days=6, hours=1), START + timedelta(days=7)),
    ]:
        found = by_field(history.by_part([start, end]))
        assert found[number].sum == pytest.approx(fallen(tips, start, end), abs=1e-9)
    start = midnight(date(2026, 4, 3), ZONE)
    cut = by_field(history.by_part([start - timedelta(minutes=20), start + timedelta(minutes=20)]))
    whole = timedelta(minutes=30)
    assert cut[number].sum == pytest.approx(fallen(tips, start - whole, start + whole), abs=1e-9)


def test_the_highest_rate_is_that_of_the_wettest_quarter(garden, tips):
    def rate(start, end):
        quarters = range(to_millis(start), to_millis(end), 900_000)
        each = [(fallen(tips, from_millis(at), from_millis(at + 900_000)) * 4, -at) for at in quarters]
        most, minus_at = max(each)
        return pytest.approx(most), from_millis(-minus_at)

    for start, end in [
        (START, START + timedelta(days=DAYS)),
        (START + timedelta(days=3, hours=5), START + timedelta(days=12, hours=20)),
    ]:
        found = highest_rate(garden.fields.get(number=2), Span(to_millis(start), to_millis(end)))
        assert found == rate(start, end)


def test_a_dry_time_has_no_highest_rate(garden):
    field = garden.fields.get(number=1)
    assert highest_rate(field, Span(to_millis(START) - 86_400_000, to_millis(START))) is None


def test_a_late_report_and_a_removed_one_move_no_rain(garden, tips):
    """A counter's next reading has what a removed one would have added; put back, each quarter has its own again."""
    field = garden.fields.get(number=3)
    start = midnight(date(2026, 4, 3), ZONE)
    hour = (start, start + timedelta(hours=1))
    before = history_of(field, *hour, 500).sum
    removed = start + timedelta(minutes=10)
    kept = list(garden.readings.filter(field=3, measured_at__gte=removed, measured_at__lt=hour[1]))
    assert ingest.remove(garden, 3, removed, removed + timedelta(minutes=21))
    after = history_of(field, *hour, 500).sum
    assert fsum(after) == pytest.approx(fsum(before))
    assert after != before
    ingest.store(garden, [Measurement(3, to_millis(each.measured_at), each.value) for each in kept])
    assert history_of(field, *hour, 500).sum == pytest.approx(before)


def quarter_hourly(number, wet):
    """Return a reading a quarter of an hour for twelve days, 0 but for what `wet` says by day and quarter."""
    midnights = [to_millis(midnight(date(2026, 6, n), ZONE)) for n in range(1, 13)]
    rows = [
        Measurement(number, at + quarter * 900_000 + 1, wet.get((day, quarter), 0.0))
        for day, at in enumerate(midnights)
        for quarter in range(96)
    ]
    return rows, Span(midnights[0], midnights[-1] + 86_400_000)


def test_the_highest_rate_may_be_of_a_day_with_little_rain(garden):
    """Eleven wet days have more of it, but none as much in a quarter of an hour."""
    garden.fields.create(number=4, name="drizzle", unit="mm")
    rows, span = quarter_hourly(4, {(day, n): 0.5 for day in range(11) for n in range(20)} | {(11, 0): 5.0})
    ingest.store(garden, rows)
    assert highest_rate(garden.fields.get(number=4), span) == (20.0, from_millis(span.end_ms - 86_400_000))


def test_what_came_since_an_hour_is_the_rate_of_that_hour(garden):
    """Hourly reports do not tell in which quarter it fell, and after a gap it may have fallen at any time."""
    garden.fields.create(number=4, name="hourly rain", unit="mm")
    start_ms = to_millis(midnight(date(2026, 6, 1), ZONE))
    hours = {1: 0.0, 2: 4.0, 3: 1.0, 13: 20.0, 14: 0.0}
    ingest.store(garden, [Measurement(4, start_ms + hour * 3_600_000, amount) for hour, amount in hours.items()])
    found = highest_rate(garden.fields.get(number=4), Span(start_ms, start_ms + 86_400_000))
    assert found == (4.0, from_millis(start_ms + 2 * 3_600_000 - 900_000))
