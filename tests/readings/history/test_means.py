"""Means over time of readings that came by the hour, by the minute and in bursts, late and again."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.calendar.periods import Period
from readings.history.series import series
from readings.history.totals import History, by_field
from readings.ingest.reports import Measurement
from stations.models import Station
from tests.readings.history.over_time import HOUR, day_mean, midnight, over_days, over_hours, over_time
from tests.readings.rollups.counted import assert_rollups_equal_the_readings

pytestmark = pytest.mark.django_db

MINUTE = 60_000
# Around a change of clocks in each zone.
ZONES = {
    "Europe/Berlin": date(2026, 10, 25),
    "America/New_York": date(2026, 3, 8),
    "Asia/Kathmandu": date(2026, 6, 3),
    "Australia/Lord_Howe": date(2026, 4, 5),
}


def mixed(rng, start, days):
    """Return readings. Each stretch of some hours has them by the hour, by the minute, in a burst, or none."""
    rows, at, end = {}, start, start + days * 24 * HOUR
    while at < end:
        after = min(at + rng.randrange(1, 9) * HOUR, end)
        step = rng.choice([HOUR, HOUR, MINUTE, 20_000, None])
        if step:
            burst = rng.choice([step, after - at]) if step < HOUR else after - at
            rows |= {moment: rng.uniform(-20, 40) for moment in range(at, at + max(burst, step), step)}
        at = after
    return sorted(rows.items())


@pytest.fixture(scope="module", params=[(zone, seed) for zone in ZONES for seed in (1, 2)], ids=str)
def reported(kept_rows, request):
    name, seed = request.param
    station, rng = Station.objects.create(name=f"{name} {seed}", timezone=name), random.Random(seed)
    station.fields.update(smallest=-50, largest=60)
    start = midnight(ZONES[name] - timedelta(days=4), ZoneInfo(name))
    rows = mixed(rng, start, 9)
    late = rng.sample(rows, len(rows))
    for part in (late[: len(rows) // 2], late[len(rows) // 3 :]):  # The second has some of the first again.
        ingest.store(station, [Measurement(1, at, value) for at, value in part])
    ingest.store(station, [Measurement(1, rows[0][0] + 1, 85.0)])
    return station.pk, rows, seed


@pytest.fixture
def filled(reported):
    key, rows, seed = reported
    return Station.objects.get(pk=key), rows, random.Random(seed)


def test_an_hour_of_imports_counts_as_much_as_an_hour_by_the_minute(station):
    """Seen: a day of hourly imports had the mean of the few minutes that the board had reported."""
    Station.objects.update(timezone="UTC")
    station.refresh_from_db()
    noon = to_millis(datetime(2026, 6, 1, 12, tzinfo=UTC))
    ingest.store(station, [Measurement(1, noon + n * HOUR, 4.0) for n in range(-12, 0)])
    ingest.store(station, [Measurement(1, noon + n * MINUTE, 10.0) for n in range(60)])
    ingest.store(station, [Measurement(1, noon + HOUR + n, 20.0) for n in range(0, 15 * MINUTE, 1000)])
    day = Period.containing(date(2026, 6, 1), "day", station.zone)
    found = History(station, station.fields.all()).extremes(day.start, day.end)[1]
    assert found.summary.mean == pytest.approx((12 * 4 + 10 + 20) / 14)


def test_every_range_has_the_mean_of_the_raw_readings(filled):
    station, rows, rng = filled
    first, now = rows[0][0], rows[-1][0] - 5 * HOUR
    history = History(station, station.fields.all(), from_millis(now))
    assert_rollups_equal_the_readings(station)
    for unit in (15 * MINUTE, 7 * MINUTE):
        for length in (1, 3, 11, 47, 99, 192, 197, 400, 700):
            start = first + rng.randrange(200) * 15 * MINUTE + rng.choice([0, unit % (15 * MINUTE)])
            end = start + length * unit
            if end - start > 49 * HOUR:  # It includes whole quarters.
                start, end = start // (15 * MINUTE) * 15 * MINUTE, -(-end // (15 * MINUTE)) * 15 * MINUTE
            found = history.extremes(from_millis(start), from_millis(end)).get(1)
            right = over_time(rows, start, end, station.zone, now)
            assert (found and found.summary.mean) == (right and pytest.approx(right, abs=1e-9)), (start, end)


def test_every_day_is_the_same_in_the_table_in_the_chart_and_on_its_own_page(filled):
    station, rows, _ = filled
    now = from_millis(rows[-1][0] - 5 * HOUR)
    history, field = History(station, station.fields.all(), now), station.fields.select_related("station").get()
    start, end = from_millis(rows[0][0]), from_millis(rows[-1][0])
    period = Period("range", start.astimezone(UTC), end, station.zone)
    days = [Period.containing(part.start.astimezone(station.zone).date(), "day", station.zone) for part in period.parts]
    table = history.by_part([days[0].start, *(day.end for day in days)])
    chart = series(field, days[0].start, days[-1].end + timedelta(days=120), 2_000)
    assert chart.step_s == 86_400
    drawn = dict(zip(chart.time, chart.mean, strict=True))
    for index, day in enumerate(days):
        right = day_mean(rows, to_millis(day.start), to_millis(day.end))
        own = by_field(history.by_part([day.start, *(part.end for part in day.parts)]))
        means = [of.mean for of in (own.get(1), table.get((1, index))) if of] + [
            mean for mean in [drawn.get(day.start.timestamp())] if mean is not None
        ]
        assert means == ([pytest.approx(right, abs=1e-9)] * 3 if right is not None else [])
    whole = by_field(table)[1].mean
    edges = [to_millis(moment) for moment in (days[0].start, days[-1].end)]
    assert whole == pytest.approx(over_days(rows, *edges, station.zone, to_millis(now)), abs=1e-9)


def test_the_part_of_a_day_that_has_passed_is_compared_with_the_same_part(station):
    noon = to_millis(datetime(2026, 6, 1, 12, tzinfo=UTC))
    rows = [(noon + n * 20 * MINUTE, float(n % 11)) for n in range(9)]
    ingest.store(station, [Measurement(1, *row) for row in rows])
    end = noon + 130 * MINUTE
    found = History(station, station.fields.all()).by_part([from_millis(noon), from_millis(end)], whole_end=True)
    assert found[1, 0].mean == pytest.approx(over_hours(rows, noon, end, whole_end=True))
    assert found[1, 0].mean != pytest.approx(over_hours(rows, noon, end))
