"""The names of periods and the targets of their links."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from readings.calendar.navigation import Navigation
from readings.calendar.periods import Period

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)


def around(day: date, kind: str) -> Navigation:
    return Navigation(Period.containing(day, kind, BERLIN), NOW)


def stretch(start: datetime, end: datetime) -> Navigation:
    return Navigation(Period("range", start, end, BERLIN), NOW)


@pytest.mark.parametrize(
    ("day", "kind", "title", "nothing"),
    [
        (date(2026, 11, 22), "day", "Sunday 22 November 2026", "No readings on Sunday 22 November 2026."),
        (date(2026, 11, 22), "week", "16 to 22 November 2026", "No readings from 16 to 22 November 2026."),
        (
            date(2026, 10, 1),
            "week",
            "28 September to 4 October 2026",
            "No readings from 28 September to 4 October 2026.",
        ),
        (
            date(2026, 1, 1),
            "week",
            "29 December 2025 to 4 January 2026",
            "No readings from 29 December 2025 to 4 January 2026.",
        ),
        (date(2026, 11, 22), "month", "November 2026", "No readings in November 2026."),
        (date(2026, 11, 22), "year", "2026", "No readings in the year 2026."),
    ],
)
def test_a_period_is_called_what_people_call_it(day, kind, title, nothing):
    assert around(day, kind).title == title
    assert around(day, kind).nothing == nothing


def test_a_range_is_called_by_its_ends_in_the_stations_zone():
    start = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert stretch(start, start + timedelta(hours=1)).title == "25 October 2026, 02:30 to 02:30", "the clocks went back"
    assert stretch(start, start + timedelta(days=1)).title == "25 October 2026, 02:30 to 26 October 2026, 01:30"


@pytest.mark.parametrize("kind", ["day", "week", "month", "year"])
def test_the_next_of_the_previous_is_where_one_began(kind):
    here = around(date(2026, 3, 29), kind)
    assert here.previous.next.period == here.period


def test_there_is_nothing_after_the_present_period():
    assert around(date(2026, 11, 22), "day").next is None
    assert around(date(2026, 11, 21), "day").next.address == "period=day&date=2026-11-22"


def test_a_range_moves_by_its_own_length():
    here = stretch(NOW - timedelta(hours=6), NOW - timedelta(hours=3))
    assert here.address == "start=2026-11-22T05:00:00Z&end=2026-11-22T08:00:00Z"
    assert here.previous.address == "start=2026-11-22T02:00:00Z&end=2026-11-22T05:00:00Z"
    assert here.next.address == "start=2026-11-22T08:00:00Z&end=2026-11-22T11:00:00Z"
    assert here.next.next.next is None


@pytest.mark.parametrize("start", [datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 2, tzinfo=UTC)])
def test_a_range_at_the_edge_of_time_has_no_neighbour_there(start):
    assert stretch(start, start + timedelta(days=9)).previous is None


def test_all_has_no_neighbours():
    here = Navigation(Period("all", NOW - timedelta(days=9), NOW + timedelta(hours=3), BERLIN), NOW)
    assert here.previous is None
    assert here.next is None
    assert here.address == "period=all"
    assert here.nothing == "No readings yet."


def test_other_lengths_keep_the_day_unless_it_is_the_present():
    assert ("month", "Month", "period=month&date=2026-05-03") in around(date(2026, 5, 3), "day").kinds
    assert ("month", "Month", "period=month") in around(date(2026, 11, 22), "day").kinds


@pytest.mark.parametrize(
    ("kind", "row", "address"),
    [
        ("day", "hour", ""),
        ("week", "day", "period=day&date=2026-10-19"),
        ("month", "day", "period=day&date=2026-10-01"),
        ("year", "month", "period=month&date=2026-01-01"),
    ],
)
def test_a_row_leads_to_its_own_period(kind, row, address):
    here = around(date(2026, 10, 25), kind)
    assert here.row_kind == row
    assert here.of_part(here.period.parts[0]) == address


def test_inputs_hold_local_times():
    assert around(date(2026, 7, 1), "day").inputs == {
        "date": "2026-07-01",
        "start": "2026-07-01T00:00",
        "end": "2026-07-02T00:00",
    }
