"""New readings change the means of the hours that they are in, and the sums of these in their days."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from freetemp.fields import to_millis
from readings.calendar.span import Span
from readings.models import Day
from readings.models.day import DayTotal
from readings.models.summary import Total
from readings.rollups.addition import add_to_rollups
from stations.models import Station

pytestmark = pytest.mark.django_db

QUARTER_MS, HOUR_MS, DAY_MS = 900_000, 3_600_000, 86_400_000
NOON_MS = to_millis(datetime(2026, 6, 1, 12, tzinfo=UTC))
EVER = Span(0, 2**53)
UTC_ZONE, KATHMANDU = ZoneInfo("UTC"), ZoneInfo("Asia/Kathmandu")


def total(*values):
    return Total(len(values), sum(values), min(values), max(values))


def days(station):
    return {start: each for (_, _, start), each in Day.objects.by_start(station, 1, EVER).items()}


def test_quarters_are_added_to_the_days_of_each_stations_zone(station):
    other = Station.objects.create(name="Kathmandu")
    late_ms = NOON_MS + 25 * QUARTER_MS  # Midnight in Kathmandu.
    quarters = {
        (station.pk, 1, NOON_MS): total(1.0),
        (station.pk, 1, NOON_MS + QUARTER_MS): total(0.5, 3.5),
        (other.pk, 1, late_ms - QUARTER_MS): total(2.0),
        (other.pk, 1, late_ms): total(3.0),
    }
    add_to_rollups(quarters, {station.pk: UTC_ZONE, other.pk: KATHMANDU})
    assert days(station.pk) == {NOON_MS - DAY_MS // 2: DayTotal(3, 5.0, 0.5, 3.5, 1, 1.5)}
    assert days(other.pk) == {
        late_ms - DAY_MS: DayTotal(1, 2.0, 2.0, 2.0, 1, 2.0),
        late_ms: DayTotal(1, 3.0, 3.0, 3.0, 1, 3.0),
    }


@pytest.mark.parametrize(
    ("more", "hours", "hour_sum"),
    [
        ({0: total(2.0)}, 1, 4.5),
        ({0: total(9.0, 9.0)}, 1, 6.0),
        ({1: total(5.0, 5.0, 5.0)}, 1, 5.0),
        ({4: total(1.0)}, 2, 6.0),
        ({-1: total(1.0), 0: total(2.0), 8: total(2.0)}, 3, 7.5),
        ({-4: total(1.0), 3: total(8.0), 4: total(2.0)}, 3, 9.0),
    ],
)
def test_a_late_quarter_changes_its_hour_and_no_other(station, more, hours, hour_sum):
    """The hour from noon has 4 and 6 in its first quarter, and 5 in its second."""
    zones = {station.pk: UTC_ZONE}

    def keyed(quarters):
        return {(station.pk, 1, NOON_MS + n * QUARTER_MS): each for n, each in quarters.items()}

    add_to_rollups(keyed({0: total(4.0, 6.0), 1: total(5.0)}), zones)
    add_to_rollups(keyed(more), zones)
    (day,) = days(station.pk).values()
    assert (day.hours, day.hour_sum) == (hours, pytest.approx(hour_sum))


def test_hours_count_from_midnight_and_end_with_their_day(station):
    """On Lord Howe Island, clocks are set by half an hour: the day has 23.5 hours, and so the last is short."""
    zone = ZoneInfo("Australia/Lord_Howe")
    midnight_ms = to_millis(datetime(2026, 10, 5, tzinfo=zone))
    quarters = {
        (station.pk, 1, midnight_ms + n * QUARTER_MS): total(value)
        for n, value in ((-4, 1.0), (-3, 3.0), (-2, 5.0), (-1, 7.0), (0, 9.0), (1, 11.0), (2, 13.0))
    }
    add_to_rollups(quarters, {station.pk: zone})
    before, after = days(station.pk).values()
    assert (before.hours, before.hour_sum) == (2, 2.0 + 6.0)
    assert (after.hours, after.hour_sum) == (1, 11.0)


def test_the_largest_values_leave_a_number(station):
    """Nothing may keep a group of reports from being stored."""
    key, zones = (station.pk, 1, NOON_MS), {station.pk: UTC_ZONE}
    for value in (1e300, -1e300, 1e300):
        add_to_rollups({key: total(value)}, zones)
    (day,) = days(station.pk).values()
    assert (day.hours, day.hour_sum) == (1, pytest.approx(1e300 / 3))


def test_nothing_new_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        add_to_rollups({}, {})
