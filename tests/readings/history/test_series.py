"""A field's history for a chart, checked against the one computed straight from the readings."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from freetemp.fields import to_millis
from readings import ingest
from readings.history.series import GAP_FACTOR, STEPS_MS, bucket_width_ms, series, usual_distance
from readings.ingest.reports import Measurement
from stations.models import Station
from tests.readings.history.over_time import over_days, over_hours

pytestmark = pytest.mark.django_db

START = datetime(2026, 6, 1, 0, 7, tzinfo=UTC)
MINUTE_MS = 60_000


def store(station, times_ms, value=lambda n: float(n)):
    rows = [Measurement(1, to_millis(START) + at, value(n)) for n, at in enumerate(times_ms)]
    ingest.store(station, rows)
    return rows


def drawn(result):
    return [at for at, mean in zip(result.time, result.mean, strict=True) if mean is not None]


def test_few_readings_are_drawn_as_they_are(station):
    rows = store(station, range(0, 60 * MINUTE_MS, MINUTE_MS))
    result = series(station.fields.get(), START, START + timedelta(hours=1), points=60)
    assert result.step_s is None
    assert result.time == [row.measured_at_ms / 1000 for row in rows]
    assert result.mean == result.min == result.max == [row.value for row in rows]


def buckets(result):
    columns = zip(result.time, result.mean, result.min, result.max, strict=True)
    return {at: each for at, *each in columns if each[0] is not None}


def assert_equal(got, expected, mean):
    """Compare buckets with the rows of each. `mean` computes the right one from the rows and the bucket's start."""
    assert got.keys() == expected.keys()
    for at, rows in expected.items():
        values = [value for _, value in rows]
        assert got[at] == pytest.approx([mean(rows, round(at * 1000)), min(values), max(values)], abs=1e-9)


@pytest.mark.parametrize(
    ("hours", "step_s", "days"),
    [(0.5, 60, 4), (6, 300, 4), (24, 900, 4), (71, 3_600, 4), (290, 10_800, 14), (590, 21_600, 30)],
)
def test_many_are_drawn_as_whole_buckets_with_exact_mean_min_and_max(station, hours, step_s, days):
    rng = random.Random(7)
    start, end = START + timedelta(hours=3), START + timedelta(hours=3 + hours)
    rows = store(station, sorted(rng.sample(range(days * 86_400_000), 25_000)), lambda n: rng.uniform(-30, 40))
    result = series(station.fields.get(), start, end, points=100)
    assert result.step_s == step_s
    expected = {}
    for row in rows:
        at = row.measured_at_ms // (step_s * 1000) * step_s
        if start.timestamp() - step_s < at < end.timestamp():
            expected.setdefault(at, []).append((row.measured_at_ms, row.value))
    assert_equal(buckets(result), expected, lambda own, at: over_hours(own, at, at + step_s * 1000))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia", "America/New_York"])
@pytest.mark.parametrize(("points", "days"), [(220, 1), (150, 2), (40, 7), (12, 28), (5, 56)])
def test_days_and_weeks_are_those_of_the_station(station, zone, points, days):
    if zone == "Pacific/Apia" and days > 1:
        pytest.skip("Before the day that Samoa left out, its weeks begin a day off")
    station.timezone = zone
    station.save()
    rng, first = random.Random(3), datetime(2011, 9, 1, tzinfo=UTC)  # Summer time ends; Apia has no 30 December.
    rows = [
        Measurement(1, to_millis(first) + at, rng.uniform(-9, 9)) for at in rng.sample(range(220 * 86_400_000), 2_000)
    ]
    ingest.store(station, rows)
    start, end = first + timedelta(days=3, hours=5), first + timedelta(days=210, hours=7)
    result = series(station.fields.select_related("station").get(), start, end, points)
    assert result.step_s == days * 86_400
    drawn_days = sorted(buckets(result))
    assert len(result.time) <= points + result.mean.count(None)
    for at in drawn_days:
        local = datetime.fromtimestamp(at, station.zone)
        assert f"{local:%H:%M}" == "00:00"
        if days % 7 == 0:
            assert local.weekday() == 0
    edges = [*drawn_days[1:], None]
    whole = {at: [] for at in drawn_days}
    for row in rows:
        inside = [at for at, after in zip(drawn_days, edges, strict=True) if at * 1000 <= row.measured_at_ms]
        if inside and (inside[-1] != drawn_days[-1]):
            whole[inside[-1]].append((row.measured_at_ms, row.value))
    del whole[drawn_days[-1]]
    got = buckets(result)
    ends = {at * 1000: after for at, after in zip(drawn_days, edges, strict=True)}
    for own in whole.values():
        own.sort()
    assert_equal(
        {at: got[at] for at in whole},
        whole,
        lambda own, at: over_days(own, at, round(ends[at] * 1000), station.zone, 0),
    )


def test_where_a_retention_has_removed_readings_a_short_range_is_drawn_by_the_quarter(station):
    store(station, range(0, 180 * MINUTE_MS, MINUTE_MS))
    field = station.fields.select_related("station").get()
    field.station.raw_since = START + timedelta(hours=1)
    result = series(field, START, START + timedelta(hours=2), points=500)
    assert result.step_s == 900
    assert drawn(result)[0] == START.timestamp() - 7 * 60, "the first quarter is whole"
    assert series(field, START + timedelta(hours=1), START + timedelta(hours=2), points=500).step_s is None


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


@pytest.mark.parametrize(("days", "step_s"), [(92, 10_800), (100, 10_800), (101, 86_400), (365, 86_400)])
def test_what_would_take_very_many_quarters_is_drawn_by_the_day(station, days, step_s):
    store(station, range(0, 200 * 86_400_000, 2 * 3_600_000))
    result = series(station.fields.get(), START, START + timedelta(days=days), points=1_100)
    assert result.step_s == step_s


@pytest.mark.parametrize("days", [1 / 86_400, 0.01, 1, 7, 31, 366, 3_660, 83_000, 1_997])
@pytest.mark.parametrize("points", [2, 10, 500, 2_000])
def test_a_range_never_has_more_buckets_than_points(days, points):
    end = START + timedelta(days=days)
    step = bucket_width_ms(START, end, points)
    first, last = to_millis(START) // step, (to_millis(end) - 1) // step
    assert last - first + 1 <= points
    assert step in STEPS_MS or step % STEPS_MS[-1] == 0


def test_gaps_have_a_time_between_what_is_around_them_and_no_value(station):
    store(station, [m * MINUTE_MS for m in (0, 1, 2, 30, 31, 32, 60, 61, 62)])
    result = series(station.fields.get(), START, START + timedelta(hours=2), points=100)
    minutes = [(at - START.timestamp()) / 60 for at in result.time]
    assert minutes == [0, 1, 2, 16, 30, 31, 32, 46, 60, 61, 62]
    expected = [0, 1, 2, None, 3, 4, 5, None, 6, 7, 8]
    assert result.mean == result.min == result.max == expected


def test_the_usual_distance_is_local():
    distances = [10, 10, 10, 70, 10]
    assert [usual_distance(distances, index) for index in range(5)] == [10] * 5
    assert usual_distance([5], 0) == 5
    assert GAP_FACTOR > 2, "one lost report is no gap"


def test_points_cost_the_same_number_of_queries_however_many(station, django_assert_num_queries):
    field = station.fields.select_related("station").get()
    now = timezone.now()
    for points, queries in ((5_000, 2), (100, 2), (2, 2)):
        store(station, range(0, 2_000 * MINUTE_MS, MINUTE_MS))
        with django_assert_num_queries(queries):
            series(field, START, min(START + timedelta(days=2), now), points)


@pytest.mark.parametrize(("seconds", "gaps"), [(150, 0), (150.001, 1)])
def test_a_gap_is_longer_than_two_and_a_half_intervals(station, seconds, gaps):
    store(station, [*(n * MINUTE_MS for n in range(6)), round(5 * MINUTE_MS + seconds * 1000)])
    result = series(station.fields.get(), START, START + timedelta(hours=1), points=100)
    assert result.mean.count(None) == gaps


@pytest.mark.parametrize(("seconds", "gaps"), [(140, 0), (151, 1)])
def test_of_a_board_that_reports_faster_than_its_station_says_too(station, seconds, gaps):
    """Six values a minute, and a pause of two reports."""
    times_s = [*range(0, 100, 10), *range(90 + seconds, 190 + seconds, 10)]
    store(station, [at * 1000 for at in times_s])
    result = series(station.fields.get(), START, START + timedelta(hours=1), points=100)
    assert result.mean.count(None) == gaps


@pytest.mark.parametrize(("minutes", "gaps"), [(25, 0), (26, 1)])
def test_and_longer_than_two_and_a_half_of_the_distances_around_it(station, minutes, gaps):
    """A board that reports every ten minutes; its station's interval is one."""
    store(station, [*(n * 10 * MINUTE_MS for n in range(6)), (50 + minutes) * MINUTE_MS])
    result = series(station.fields.get(), START, START + timedelta(hours=3), points=100)
    assert result.mean.count(None) == gaps


def test_the_distances_around_one_are_five_on_either_side():
    distances = [100] * 5 + [9] * 5 + [50] + [9] * 5 + [100] * 5
    assert usual_distance(distances, 10) == 9, "none beyond"
    assert usual_distance([1, 100, 100, 2, 3, 4, 5], 0) == 3.5, "itself and the five behind"
    assert usual_distance([7, 1, 2, 3, 4, 100, 100], 6) == 3.5, "itself and the five before"


def test_as_many_readings_as_points_are_drawn_as_they_are_and_one_more_is_not(station):
    store(station, [n * MINUTE_MS for n in range(31)])
    field = station.fields.get()
    assert series(field, START, START + timedelta(minutes=30), points=30).step_s is None
    assert series(field, START, START + timedelta(minutes=31), points=30).step_s == 300
    assert series(field, START, START + timedelta(minutes=31), points=31).step_s is None


def test_a_range_that_begins_where_the_raw_readings_do_is_drawn_as_they_are(station):
    store(station, range(0, 180 * MINUTE_MS, MINUTE_MS))
    field = station.fields.select_related("station").get()
    cut = START + timedelta(minutes=53)
    field.station.raw_since = cut
    assert series(field, cut, cut + timedelta(hours=1), points=60).step_s is None
    assert series(field, cut, cut + timedelta(hours=1), points=50).step_s == 300, "narrower than a quarter"
    before = series(field, cut - timedelta(milliseconds=1), cut + timedelta(hours=1), points=50)
    assert before.step_s == 900
    assert drawn(before)[0] == (cut - timedelta(minutes=15)).timestamp()


@pytest.mark.parametrize(
    ("length", "points", "step_s"),
    [
        (timedelta(seconds=99), 100, 1),
        (timedelta(seconds=99, milliseconds=1), 100, 5),
        (timedelta(hours=99), 100, 3_600),
        (timedelta(hours=99, milliseconds=1), 100, 10_800),
        (timedelta(days=100), 101, 86_400 * 2),
        (timedelta(days=98, hours=20), 100, 86_400),
        (timedelta(days=98, hours=20, milliseconds=1), 100, 86_400 * 2),
        (timedelta(days=100), 1_000, 10_800),
        (timedelta(days=100, milliseconds=1), 1_000, 86_400),
        (timedelta(minutes=1), 1, 60),
        (timedelta(days=56) - timedelta(hours=4), 2, 86_400 * 56),
        (timedelta(days=56) - timedelta(hours=3), 2, 86_400 * 84),
    ],
)
def test_the_width_is_the_narrowest_that_makes_few_enough_buckets(length, points, step_s):
    """One bucket less than the points fits as a whole; one of the days may be four hours longer."""
    assert bucket_width_ms(START, START + length, points) == step_s * 1000


def test_every_width_is_made_of_quarters_or_divides_one_and_is_no_odd_number_of_anything():
    """Rollups are quarters of an hour: other widths cannot be summed up from them."""
    assert sorted(STEPS_MS) == STEPS_MS
    for step_ms in STEPS_MS:
        assert 900_000 % step_ms == 0 or step_ms % 900_000 == 0
        assert 86_400_000 % step_ms == 0 or step_ms % 86_400_000 == 0
    assert [step_ms // 86_400_000 for step_ms in STEPS_MS if step_ms >= 86_400_000] == [1, 2, 7, 14, 28]


def test_days_of_one_bucket_end_with_the_range(station):
    """A range that ends at a midnight has no bucket for the day that begins then; one that ends later has it."""
    Station.objects.update(timezone="UTC")
    midnight = datetime(2026, 6, 2, tzinfo=UTC)
    store(station, range(0, 200 * 86_400_000, 2 * 3_600_000))
    field = station.fields.select_related("station").get()
    start, end = midnight, midnight + timedelta(days=120)
    assert drawn(series(field, start, end, points=1_000))[-1] == (end - timedelta(days=1)).timestamp()
    assert drawn(series(field, start, end + timedelta(milliseconds=1), points=1_000))[-1] == end.timestamp()
    assert (
        drawn(series(field, start - timedelta(milliseconds=1), end, points=1_000))[0]
        == (start - timedelta(days=1)).timestamp()
    )
