"""A field's history for a chart, checked against one computed straight from the readings."""

import random
from datetime import UTC, datetime, timedelta
from statistics import fmean

import pytest
from django.utils import timezone

from freetemp.fields import to_millis
from readings.models import Reading
from readings.reports import Measurement
from readings.series import GAP_FACTOR, STEPS_MS, bucket_width_ms, series, usual_distances

pytestmark = pytest.mark.django_db

START = datetime(2026, 6, 1, 0, 7, tzinfo=UTC)
MINUTE_MS = 60_000


def store(station, times_ms, value=lambda n: float(n)):
    rows = [Measurement(1, to_millis(START) + at, value(n)) for n, at in enumerate(times_ms)]
    Reading.objects.store(station, rows)
    return rows


def drawn(result):
    return [at for at, mean in zip(result.time, result.mean, strict=True) if mean is not None]


def test_few_readings_are_drawn_as_they_are(station):
    rows = store(station, range(0, 60 * MINUTE_MS, MINUTE_MS))
    result = series(station.fields.get(), START, START + timedelta(hours=1), points=60)
    assert result.step_s is None
    assert result.time == [row.measured_at_ms / 1000 for row in rows]
    assert result.mean == result.min == result.max == [row.value for row in rows]


def test_many_are_drawn_as_buckets_with_exact_count_mean_min_and_max(station):
    rng = random.Random(7)
    rows = store(station, sorted(rng.sample(range(86_400_000), 3_000)), lambda n: rng.uniform(-30, 40))
    result = series(station.fields.get(), START, START + timedelta(days=1), points=100)
    assert result.step_s == 900
    expected = {}
    for row in rows:
        expected.setdefault(row.measured_at_ms // 900_000 * 900, []).append(row.value)
    got = {
        at: each
        for at, *each in zip(result.time, result.mean, result.min, result.max, strict=True)
        if each[0] is not None
    }
    assert got.keys() == expected.keys()
    for at, values in expected.items():
        assert got[at] == pytest.approx([fmean(values), min(values), max(values)], abs=1e-9)


def test_the_end_of_the_range_is_not_in_it(station):
    store(station, [0, 1000, 2000])
    result = series(station.fields.get(), START, START + timedelta(seconds=2), points=10)
    assert result.mean == [0.0, 1.0]


def test_what_is_not_plausible_is_not_drawn(station):
    station.fields.update(smallest=-40, largest=60)
    rows = [21.0, 85.0, 22.0, -144.0]
    store(station, [n * MINUTE_MS for n in range(4)], lambda n: rows[n])
    assert series(station.fields.get(), START, START + timedelta(hours=1), points=10).mean == [21.0, 22.0]


def test_a_gap_in_minutes_is_a_gap_and_two_lost_reports_are_none(station):
    store(station, [m * MINUTE_MS for m in (0, 1, 2, 4, 5, 6, 20, 21, 22, 23)])
    result = series(station.fields.get(), START, START + timedelta(hours=1), points=100)
    gaps = [result.time[n] for n, mean in enumerate(result.mean) if mean is None]
    assert gaps == [START.timestamp() + 13 * 60]


def test_hours_that_were_imported_are_joined_though_the_station_reports_by_the_minute(station):
    hours = [n * 3_600_000 for n in range(12)]
    minutes = [hours[-1] + n * MINUTE_MS for n in range(1, 30)]
    store(station, [*hours[:5], *hours[9:], *minutes])
    result = series(station.fields.get(), START, START + timedelta(days=1), points=100)
    assert result.mean.count(None) == 1, "only where four hours are missing"


def test_a_gap_stays_one_when_it_is_drawn_as_buckets(station):
    store(station, [m * MINUTE_MS for m in range(1440) if not 300 <= m < 420])
    result = series(station.fields.get(), START, START + timedelta(days=1), points=100)
    assert (result.step_s, result.mean.count(None)) == (900, 1)


def test_an_empty_range_has_no_points(station):
    result = series(station.fields.get(), START, START + timedelta(days=1), points=100)
    assert (result.time, result.mean) == ([], [])


@pytest.mark.parametrize("days", [1 / 86_400, 0.01, 1, 7, 31, 366, 3_660, 83_000])
@pytest.mark.parametrize("points", [2, 10, 500, 2_000])
def test_a_range_never_has_more_buckets_than_points(days, points):
    end = START + timedelta(days=days)
    step = bucket_width_ms(START, end, points)
    first, last = to_millis(START) // step, (to_millis(end) - 1) // step
    assert last - first + 1 <= points
    assert step in STEPS_MS or step % STEPS_MS[-1] == 0


def test_the_usual_distance_is_local():
    assert usual_distances([0, 10, 20, 30, 100, 110]) == [10, 10, 10, 10, 10]
    assert usual_distances([5]) == usual_distances([]) == []
    assert GAP_FACTOR > 2, "one lost report is no gap"


def test_points_cost_the_same_number_of_queries_however_many(station, django_assert_num_queries):
    field = station.fields.select_related("station").get()
    now = timezone.now()
    for points, queries in ((5_000, 1), (100, 2)):
        store(station, range(0, 2_000 * MINUTE_MS, MINUTE_MS))
        with django_assert_num_queries(queries):
            series(field, START, min(START + timedelta(days=2), now), points)
