"""The received share of the expected readings, and the longest gap, against a plain count of the readings."""

import random
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil, floor

import pytest

from freetemp.fields import from_millis, to_millis
from readings import ingest
from readings.calendar.days import midnight
from readings.calendar.periods import Period
from readings.history.coverage import Coverage, measure_coverage
from readings.ingest.reports import Measurement
from readings.models import Reading
from stations.models import Station
from tests.readings.rollups.counted import midnight_of

pytestmark = pytest.mark.django_db

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
HALF_AN_HOUR_MS = 30 * MINUTE_MS
NOW = datetime(2026, 4, 9, 15, 15, tzinfo=UTC)
# Clocks go forward within the weeks before, or back, by half an hour, or never.
ZONES = ["Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu"]


def plausible(field):
    """Return the moments of all readings that count, in order."""
    rows = Reading.objects.filter(station=field.station, field=field.number).values_list("measured_at", "value")
    return sorted(to_millis(at) for at, value in rows if field.is_plausible(value))


def plain(field, moments, start, end, now, interval_ms):
    """Return (expected, received, longest gap), counted as by hand, with one interval for all."""
    station = field.station
    until = to_millis(field.newest_at) + 1
    if to_millis(now) - until > 3 * interval_ms:
        until = to_millis(now)
    first, last = max(to_millis(start), moments[0]), min(to_millis(end), until)
    if first >= last:
        return None
    expected, received = 0.0, 0
    day = midnight_of(from_millis(first), station.zone)
    while to_millis(day) < last:
        after = midnight_of(day + timedelta(hours=29), station.zone)
        part = max(first, to_millis(day)), min(last, to_millis(after))
        due = (part[1] - part[0]) / interval_ms
        expected += due
        received += min(ceil(due - 1e-6), bisect_left(moments, part[1]) - bisect_left(moments, part[0]))
        day = after
    shortest = max(2.5 * interval_ms, HALF_AN_HOUR_MS if end - start > timedelta(hours=49) else 0)
    edges = [first, *(at for at in moments if first <= at < last), last]
    gaps = [(after - before, -before) for before, after in pairwise(edges) if after - before > shortest]
    longest = max(gaps, default=None)
    whole = floor(expected + 1e-6)
    if whole == 0:
        return None
    return whole, min(whole, received), longest and (-longest[1], -longest[1] + longest[0])


def found(station, start, end, now=NOW):
    """Return the measured coverage in the same form, by field."""
    return {
        number: (each.expected, each.received, each.gap and tuple(map(to_millis, each.gap)))
        for number, each in measure_coverage(station, list(station.fields.all()), start, end, now).items()
    }


def store(station, moments_ms, values=lambda n: n % 40):
    ingest.store(station, [Measurement(1, at, float(values(n))) for n, at in enumerate(moments_ms)])


def history(rng, interval_ms, days, until_ms):
    """Return moments with some jitter. Some are lost one by one, some for hours and some for days."""
    start_ms = until_ms - days * DAY_MS
    outages = []
    for _ in range(rng.randrange(5)):
        at = start_ms + rng.randrange(days * DAY_MS)
        outages.append((at, at + round(interval_ms * 1.5) + rng.choice([40 * MINUTE_MS, 5 * HOUR_MS, 3 * DAY_MS])))
    lost = rng.choice([0, 0.01, 0.1])
    jitter = interval_ms // 10
    return [
        at + rng.randrange(-jitter, jitter + 1)
        for at in range(start_ms, until_ms, interval_ms)
        if rng.random() >= lost and not any(first <= at < after for first, after in outages)
    ]


def periods(station, rng):
    zone, today = station.zone, NOW.astimezone(station.zone).date()
    for kind in ("day", "week", "month", "year"):
        for _ in range(3):
            period = Period.containing(today - timedelta(days=rng.randrange(45)), kind, zone)
            yield period.start, period.end
        period = Period.containing(today, kind, zone)
        yield period.start, period.end
    yield midnight(today - timedelta(days=400), zone), period.end
    for length_ms in (2 * HOUR_MS, 30 * HOUR_MS, 80 * HOUR_MS, 20 * DAY_MS):  # Ranges; the long ones use quarters.
        end_ms = to_millis(NOW) // 900_000 * 900_000 - rng.randrange(20 * 96) * 900_000
        yield from_millis(end_ms - length_ms), from_millis(end_ms)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("seed", range(3))
def test_counts_and_gaps_are_those_of_the_raw_readings(zone, seed):
    rng = random.Random(f"{zone} {seed}")
    interval_s = rng.choice([300, 600, 900, 1800, 3600])
    station = Station.objects.create(name="Somewhere", timezone=zone, interval_s=interval_s)
    station.fields.update(smallest=-5)
    until_ms = to_millis(NOW) - rng.choice([1_000, interval_s * 2_000, 9 * HOUR_MS, 9 * DAY_MS])
    moments = history(rng, interval_s * 1000, 40, until_ms)
    store(station, moments, lambda n: -9 if rng.random() < 0.002 else n % 40)
    asked, field = 0, station.fields.get()
    counted = plausible(field)
    for start, end in periods(station, rng):
        right = plain(field, counted, start, end, NOW, interval_s * 1000)
        assert found(station, start, end).get(1) == right, (start, end)
        asked += right is not None
    assert asked >= 8


@pytest.fixture
def hourly(station):
    """Imported hourly readings until ten days ago, then a board that reports by the minute; each lacks an hour."""
    end_ms = to_millis(NOW)
    change_ms = end_ms - 10 * DAY_MS
    hours = [at for at in range(end_ms - 60 * DAY_MS, change_ms, HOUR_MS) if at != change_ms - 30 * DAY_MS]
    minutes = range(change_ms, end_ms, MINUTE_MS)
    lost = change_ms + 5 * DAY_MS
    store(station, [*hours, *(at for at in minutes if not lost < at < lost + 61 * MINUTE_MS)])
    return station


def test_what_came_by_the_hour_is_expected_by_the_hour(hourly):
    start = NOW - timedelta(days=50)
    end = NOW - timedelta(days=15)
    (own,) = measure_coverage(hourly, list(hourly.fields.all()), start, end, NOW).values()
    assert own.expected == 35 * 24
    assert own.received == 35 * 24 - 1
    assert own.gap is None, "one hour that is missing is two hours between readings"


def test_from_the_day_it_changed_on_it_is_expected_by_the_minute(hourly):
    end = NOW - timedelta(days=1)
    (own,) = measure_coverage(hourly, list(hourly.fields.all()), NOW - timedelta(days=7), end, NOW).values()
    assert (own.expected, own.expected - own.received) == (6 * 1440, 60)
    assert own.gap.length == timedelta(minutes=61)
    (whole,) = measure_coverage(hourly, list(hourly.fields.all()), NOW - timedelta(days=60), NOW, NOW).values()
    assert whole.percent > 99
    assert whole.gap == own.gap


def test_a_board_that_loses_most_of_its_readings_does_not_count_as_slow(station):
    rng = random.Random(1)
    end_ms = to_millis(NOW)
    store(station, [at for at in range(end_ms - 20 * DAY_MS, end_ms, MINUTE_MS) if rng.random() < 0.4])
    hour = timedelta(hours=1)
    (own,) = measure_coverage(station, list(station.fields.all()), NOW - timedelta(days=15), NOW - hour, NOW).values()
    assert 39 < own.percent < 41
    assert own.expected == 15 * 1440 - 60


def test_an_interval_that_was_shorter_once_is_expected_then(station):
    """The interval was one minute until yesterday, and is now five minutes."""
    end_ms = to_millis(NOW)
    change_ms = end_ms - DAY_MS
    store(station, [*range(end_ms - 9 * DAY_MS, change_ms, MINUTE_MS), *range(change_ms, end_ms, 5 * MINUTE_MS)])
    Station.objects.update(interval_s=300)
    station.refresh_from_db()
    before = measure_coverage(
        station, list(station.fields.all()), NOW - timedelta(days=7), NOW - timedelta(days=3), NOW
    )[1]
    assert (before.expected, before.percent) == (4 * 1440, 100)
    after = measure_coverage(station, list(station.fields.all()), NOW - timedelta(hours=6), NOW, NOW)[1]
    assert (after.expected, after.percent) == (71, 100), "the next one is not late"


def test_nothing_is_expected_before_the_first_reading_and_the_present_is_no_gap_until_it_is_late(station):
    first_ms = to_millis(NOW) - 26 * HOUR_MS
    store(station, range(first_ms, to_millis(NOW), MINUTE_MS))
    fields = list(station.fields.all())
    month = Period.containing(NOW.date(), "month", station.zone)
    for seconds in (0, 59, 118):
        own = measure_coverage(station, fields, month.start, month.end, NOW + timedelta(seconds=seconds))[1]
        assert (own.expected, own.percent, own.gap) == (26 * 60 - 1, 100, None), seconds
    own = measure_coverage(station, fields, month.start, month.end, NOW + timedelta(hours=2))[1]
    assert (own.expected, own.received) == (28 * 60, 26 * 60)
    assert (own.gap.start, own.gap.end) == (NOW - timedelta(minutes=1), NOW + timedelta(hours=2))
    earlier = Period.containing(NOW.date() - timedelta(days=60), "month", station.zone)
    assert measure_coverage(station, fields, earlier.start, earlier.end, NOW) == {}
    later = Period.containing(NOW.date() + timedelta(days=60), "month", station.zone)
    assert measure_coverage(station, fields, later.start, later.end, NOW) == {}


def test_a_station_that_is_switched_off_misses_nothing(station):
    store(station, range(to_millis(NOW) - 9 * DAY_MS, to_millis(NOW) - 5 * DAY_MS, MINUTE_MS))
    Station.objects.update(active=False)
    station.refresh_from_db()
    own = measure_coverage(station, list(station.fields.all()), NOW - timedelta(days=20), NOW, NOW)[1]
    assert (own.percent, own.gap) == (100, None)


def test_what_comes_twice_on_one_day_does_not_make_up_for_another(station):
    Station.objects.update(timezone="UTC")
    station.refresh_from_db()
    noon_ms = to_millis(datetime(2026, 4, 1, 12, tzinfo=UTC))
    days = [
        range(noon_ms - 12 * HOUR_MS + n * DAY_MS, noon_ms + 12 * HOUR_MS + n * DAY_MS, MINUTE_MS) for n in range(7)
    ]
    twice = [at + 1_000 for at in days[2]]
    store(station, sorted([*days[0], *days[1], *days[2], *twice, *list(days[3])[::2], *days[4], *days[5], *days[6]]))
    start = datetime(2026, 4, 1, tzinfo=UTC)
    own = measure_coverage(station, list(station.fields.all()), start, start + timedelta(days=7), NOW)[1]
    assert (own.expected, own.received) == (7 * 1440, 6 * 1440 + 720)


def test_a_gap_of_days_and_one_in_the_day_of_a_burst_are_found(station):
    """Twice as many readings in the morning, and none in the afternoon: the day's count shows nothing."""
    end_ms = to_millis(NOW)
    start_ms = end_ms - 30 * DAY_MS
    burst = start_ms + 10 * DAY_MS
    minutes = [at for at in range(start_ms, end_ms, MINUTE_MS) if not burst <= at < burst + DAY_MS]
    store(station, sorted([*minutes, *range(burst, burst + 12 * HOUR_MS, 25_000)]))
    own = measure_coverage(station, list(station.fields.all()), NOW - timedelta(days=29), NOW, NOW)[1]
    assert own.gap.start == from_millis(burst + 12 * HOUR_MS - 25_000)
    assert own.gap.end == from_millis(burst + DAY_MS)
    assert own.is_certain


def test_where_a_retention_has_removed_readings_quarters_tell(station):
    start_ms = to_millis(datetime(2026, 3, 1, tzinfo=UTC))
    lost = range(start_ms + DAY_MS + 7 * MINUTE_MS, start_ms + DAY_MS + 3 * HOUR_MS)
    moments = [at for at in range(start_ms, to_millis(NOW), MINUTE_MS) if at not in lost]
    store(station, moments)
    before = measure_coverage(station, list(station.fields.all()), NOW - timedelta(days=60), NOW, NOW)[1]
    Reading.objects.filter(station=station, measured_at__lt=from_millis(start_ms + 9 * DAY_MS)).delete()
    Station.objects.update(raw_since=from_millis(start_ms + 9 * DAY_MS))
    station.refresh_from_db()
    after = measure_coverage(station, list(station.fields.all()), NOW - timedelta(days=60), NOW, NOW)[1]
    assert (after.expected, after.received) == (before.expected, before.received)
    assert before.gap == (from_millis(lost.start - MINUTE_MS), from_millis(lost.stop))
    assert after.gap == (from_millis(start_ms + DAY_MS + 15 * MINUTE_MS), from_millis(lost.stop))
    day = datetime(2026, 3, 2, tzinfo=UTC)
    one = measure_coverage(station, list(station.fields.all()), day, day + timedelta(days=1), NOW)[1]
    assert (one.gap, one.expected - one.received) == (after.gap, len(lost) // MINUTE_MS)


def test_years_of_losses_here_and_there_are_not_searched_through_and_it_says_so(station):
    rng = random.Random(7)
    Station.objects.update(interval_s=600)
    station.refresh_from_db()
    end_ms = to_millis(NOW)
    store(station, [at for at in range(end_ms - 300 * DAY_MS, end_ms, 10 * MINUTE_MS) if rng.random() < 0.8])
    own = measure_coverage(station, list(station.fields.all()), NOW - timedelta(days=290), NOW, NOW)[1]
    assert 79 < own.percent < 81
    assert not own.is_certain


def test_a_few_questions_are_asked_whatever_the_fields_and_years(station, django_assert_max_num_queries):
    for number in range(2, 31):
        station.fields.create(number=number, name=f"field {number}")
    moments = [at for at in range(to_millis(NOW) - 100 * DAY_MS, to_millis(NOW), 4 * HOUR_MS) if at % 7]
    for number in range(1, 31):
        ingest.store(station, [Measurement(number, at, 1.0) for at in moments])
    Station.objects.update(interval_s=4 * 3600)
    station = Station.objects.with_fields().get()
    fields = list(station.fields.all())
    for days in (1, 30, 90):
        with django_assert_max_num_queries(6):
            assert len(measure_coverage(station, fields, NOW - timedelta(days=days, minutes=7), NOW, NOW)) == 30


def test_no_readings_or_no_fields_have_no_measure_coverage(station):
    assert measure_coverage(station, list(station.fields.all()), NOW - timedelta(days=1), NOW, NOW) == {}
    assert measure_coverage(station, [], NOW - timedelta(days=1), NOW, NOW) == {}


def of(station, start, end, now=NOW):
    return measure_coverage(station, list(station.fields.all()), start, end, now).get(1)


@pytest.mark.parametrize(
    ("expected", "received", "percent"),
    [(3, 2, 66.6), (1000, 999, 99.9), (10_000, 9_999, 99.9), (7, 7, 100), (9, 0, 0)],
)
def test_a_share_is_rounded_down_to_a_tenth(expected, received, percent):
    assert Coverage(NOW, expected, received, None, True).percent == percent


def test_the_time_since_the_newest_reading_counts_once_the_next_is_late(station):
    """That is three intervals after the newest one's millisecond, and not before."""
    newest = NOW - timedelta(hours=1)
    store(station, range(to_millis(newest) - 5 * HOUR_MS, to_millis(newest) + 1, MINUTE_MS))
    late = newest + timedelta(milliseconds=180_001)
    start = newest - timedelta(hours=2)
    assert (of(station, start, NOW, late).expected, of(station, start, NOW, late).gap) == (120, None)
    own = of(station, start, NOW, late + timedelta(milliseconds=1))
    assert (own.expected, own.received) == (123, 121)
    assert own.gap == (newest, late + timedelta(milliseconds=1))
    Station.objects.update(active=False)
    station.refresh_from_db()
    assert of(station, start, NOW).expected == 120


@pytest.mark.parametrize(("more_ms", "is_gap"), [(0, True), (1, False)])
def test_a_range_of_two_days_and_an_hour_is_looked_at_reading_by_reading(station, more_ms, is_gap):
    """Ten minutes without a reading are a gap for a board that reports every minute, but not in longer ranges."""
    start = NOW - timedelta(hours=50)
    lost = range(to_millis(start) + 5 * HOUR_MS + 1, to_millis(start) + 5 * HOUR_MS + 10 * MINUTE_MS)
    store(station, [at for at in range(to_millis(start), to_millis(NOW), MINUTE_MS) if at not in lost])
    own = of(station, start, start + timedelta(hours=49, milliseconds=more_ms))
    assert (own.gap is not None) == is_gap
    assert own.expected - own.received == 9


@pytest.mark.parametrize("edge", [0, 40])
def test_readings_are_expected_from_the_first_plausible_one_on_or_the_quarter_that_is_left_of_it(station, edge):
    station.fields.update(smallest=0, largest=40)
    first_ms = to_millis(NOW) - 10 * HOUR_MS + 7 * MINUTE_MS
    values = [-1, 41, -0.1, edge]
    store(station, range(first_ms, to_millis(NOW), MINUTE_MS), lambda n: values[n] if n < 4 else 20)
    field = station.fields.get()
    start, end = NOW - timedelta(hours=20), NOW
    assert of(station, start, end).since == from_millis(first_ms + 3 * MINUTE_MS)
    Reading.objects.filter(field=field.number, measured_at__lt=NOW - timedelta(hours=9)).delete()
    Station.objects.update(raw_since=to_millis(NOW) - 9 * HOUR_MS)
    station.refresh_from_db()
    assert of(station, start, end).since == NOW - timedelta(hours=10)


def test_what_is_asked_ends_with_now_and_has_a_reading_of_this_very_millisecond(station):
    store(station, range(to_millis(NOW) - HOUR_MS, to_millis(NOW) + 1, MINUTE_MS))
    own = of(station, NOW - timedelta(hours=1), NOW + timedelta(hours=5))
    assert (own.expected, own.received) == (60, 60)
    assert of(station, NOW + timedelta(milliseconds=1), NOW + timedelta(hours=5)) is None
    assert of(station, NOW - timedelta(seconds=59), NOW) is None, "less than one is expected"


def test_the_time_since_a_station_fell_silent_goes_by_the_distance_of_its_last_days(station):
    """It once reported by the minute, and then by the hour until two days ago."""
    Station.objects.update(timezone="UTC", interval_s=3600)
    station.refresh_from_db()
    midnight = datetime(2026, 4, 1, tzinfo=UTC)
    change_ms = to_millis(midnight) - 8 * DAY_MS
    minutes, hours = range(change_ms - 8 * DAY_MS, change_ms, MINUTE_MS), range(change_ms, to_millis(midnight), HOUR_MS)
    store(station, [*minutes, *hours])
    start, now = from_millis(minutes[0] + 3 * DAY_MS), midnight + timedelta(days=2)
    until_then, until_now = of(station, start, midnight, now), of(station, start, now, now)
    assert until_then.expected > 2_880, "from days of minutes on"
    assert until_now.expected - until_then.expected == 48
    assert until_now.received == until_then.received
