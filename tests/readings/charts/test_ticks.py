"""The marks of an axis: round numbers, and moments that are round on the station's clock."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from readings.charts.ticks import time_ticks, value_ticks

BERLIN = ZoneInfo("Europe/Berlin")


def local(zone, *parts):
    return datetime(*parts, tzinfo=zone).astimezone(UTC)


def labels(ticks):
    return [tick.label for tick in ticks]


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (13.2, 22.9, 6, [14, 16, 18, 20, 22]),
        (-3.8, 22.2, 4, [0, 10, 20]),
        (1006.6, 1019.6, 4, [1010, 1015]),
        (0, 0.05, 6, [0, 0.01, 0.02, 0.03, 0.04, 0.05]),
        (0, 120_000, 5, [0, 50_000, 100_000]),
    ],
)
def test_values_are_marked_at_round_numbers(low, high, most, expected):
    values, _ = value_ticks(low, high, most)
    assert values == pytest.approx(expected)
    assert len(values) <= most


def test_marks_have_the_decimals_of_their_step():
    assert value_ticks(0, 0.05, 6)[1] == 2
    assert value_ticks(0, 50, 6)[1] == 0


def test_a_day_is_marked_at_the_hours_of_the_station_and_named_once():
    start = local(BERLIN, 2026, 6, 1)
    ticks = time_ticks(start, start + timedelta(days=1), BERLIN, 8)
    assert labels(ticks) == ["00:00", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "00:00"]
    assert [tick.below for tick in ticks if tick.below] == ["1 Jun", "2 Jun"]


def test_the_hour_that_the_clocks_skip_has_no_mark():
    start, end = local(BERLIN, 2026, 3, 29), local(BERLIN, 2026, 3, 30)
    ticks = time_ticks(start, end, BERLIN, 30)
    assert len(ticks) == 24
    assert labels(ticks)[:4] == ["00:00", "01:00", "03:00", "04:00"]
    assert {after.at.astimezone(UTC) - before.at.astimezone(UTC) for before, after in pairwise(ticks)} == {
        timedelta(hours=1)
    }


def test_the_hour_that_the_clocks_repeat_is_marked_twice():
    start, end = local(BERLIN, 2026, 10, 25), local(BERLIN, 2026, 10, 26)
    ticks = time_ticks(start, end, BERLIN, 30)
    assert len(ticks) == 26
    assert labels(ticks)[1:5] == ["01:00", "02:00", "02:00", "03:00"]


def test_a_range_that_ends_in_the_repeated_hour_has_all_of_its_marks():
    start = local(BERLIN, 2026, 10, 25, 2, 40)
    ticks = time_ticks(start, start + timedelta(minutes=40), BERLIN, 5)
    assert labels(ticks) == ["02:40", "02:50", "02:00", "02:10", "02:20"]


@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25)])
def test_wide_steps_stay_on_the_clock_when_it_is_changed(day):
    start = local(BERLIN, *day)
    assert labels(time_ticks(start, start + timedelta(days=2), BERLIN, 10))[1:5] == ["06:00", "12:00", "18:00", "00:00"]


def test_a_zone_of_odd_minutes_is_marked_at_its_own_full_hours():
    start = datetime(2026, 6, 1, 3, 7, tzinfo=UTC)
    ticks = time_ticks(start, start + timedelta(hours=4), ZoneInfo("Asia/Kathmandu"), 6)
    assert labels(ticks) == ["09:00", "10:00", "11:00", "12:00"]


def test_a_midnight_that_the_clocks_skip_is_marked_where_its_day_begins():
    zone = ZoneInfo("America/Sao_Paulo")  # On 4 November 2018 the clocks went from 00:00 to 01:00.
    ticks = time_ticks(local(zone, 2018, 11, 1), local(zone, 2018, 11, 8), zone, 8)
    assert [f"{tick.at:%d %H:%M}" for tick in ticks][3] == "04 01:00"
    assert labels(ticks) == ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed", "Thu"]


def test_a_month_is_marked_on_mondays_and_a_year_by_its_months():
    month = time_ticks(local(BERLIN, 2026, 6, 1), local(BERLIN, 2026, 7, 1), BERLIN, 5)
    assert labels(month) == ["1 Jun", "8 Jun", "15 Jun", "22 Jun", "29 Jun"]
    year = time_ticks(local(BERLIN, 2026, 1, 1), local(BERLIN, 2027, 1, 1), BERLIN, 14)
    assert labels(year)[:3] == ["Jan", "Feb", "Mar"]
    assert [tick.below for tick in year if tick.below] == ["2026", "2027"]


@pytest.mark.parametrize(
    "length", [timedelta(seconds=3), timedelta(minutes=7), timedelta(days=40), timedelta(days=80_000)]
)
def test_whatever_the_length_there_are_some_marks_and_not_many(length):
    start = datetime(1971, 5, 3, 4, 5, 6, tzinfo=UTC)
    ticks = time_ticks(start, start + length, BERLIN, 10)
    assert 2 <= len(ticks) <= 12
    assert all(start <= tick.at <= start + length for tick in ticks)
