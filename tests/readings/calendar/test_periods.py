"""Days, weeks, months and years of a station's own calendar."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readings.calendar.days import midnight
from readings.calendar.periods import KINDS, Period
from tests.fuzz.examples import examples

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Beirut",
]


def day(text, zone):
    return Period.containing(date.fromisoformat(text), "day", ZoneInfo(zone))


@pytest.mark.parametrize(
    ("text", "hours"), [("2026-03-29", 23), ("2026-06-01", 24), ("2026-10-25", 25)], ids=["spring", "summer", "autumn"]
)
def test_a_day_has_as_many_hours_as_its_zone_gives_it(text, hours):
    berlin = day(text, "Europe/Berlin")
    assert berlin.end - berlin.start == timedelta(hours=hours)
    assert len(berlin.parts) == hours


def test_the_day_of_kathmandu_begins_at_a_quarter_past_six_in_the_evening_utc():
    assert day("2026-11-22", "Asia/Kathmandu").start == datetime(2026, 11, 21, 18, 15, tzinfo=UTC)


def test_a_day_whose_midnight_the_clocks_skip_begins_when_they_go_on():
    assert midnight(date(2018, 11, 4), ZoneInfo("America/Sao_Paulo")) == datetime(2018, 11, 4, 3, tzinfo=UTC)


def test_the_hour_that_comes_twice_has_two_rows_which_name_their_clocks():
    labels = [part.label for part in day("2026-10-25", "Europe/Berlin").parts]
    assert labels[1:5] == ["01:00 CEST", "02:00 CEST", "02:00 CET", "03:00 CET"]


def test_the_rows_of_other_days_need_not_name_their_clocks():
    assert [part.label for part in day("2026-10-26", "Europe/Berlin").parts][:2] == ["00:00", "01:00"]


@pytest.mark.parametrize(
    ("start", "end", "labels"),
    [
        ("2026-06-01T10:30", "2026-06-03T12:00", ["Mon 1 Jun, from 10:30", "Tue 2 Jun", "Wed 3 Jun, until 12:00"]),
        ("2026-06-01", "2026-06-04", ["Mon 1 Jun", "Tue 2 Jun", "Wed 3 Jun"]),
        ("2026-03-12T06:00", "2026-06-21", ["Mar 2026, from 12 Mar", "Apr 2026", "May 2026", "Jun 2026, until 20 Jun"]),
        ("2022-03-12", "2025-06-21T01:00", ["2022, from 12 Mar", "2023", "2024", "2025, until 21 Jun"]),
    ],
)
def test_a_row_that_a_range_cuts_says_where(start, end, labels):
    berlin = ZoneInfo("Europe/Berlin")
    edges = [datetime.fromisoformat(each).replace(tzinfo=berlin) for each in (start, end)]
    found = [part.label.replace("\N{NO-BREAK SPACE}", " ") for part in Period("range", *edges, berlin).parts]
    assert found == labels


def test_the_rows_of_all_readings_are_whole_and_say_no_more():
    edges = [datetime(2026, month, 12, tzinfo=UTC) for month in (3, 8)]
    labels = [part.label for part in Period("all", *edges, ZoneInfo("UTC")).parts]
    assert labels[::5] == ["Mar\N{NO-BREAK SPACE}2026", "Aug\N{NO-BREAK SPACE}2026"], "a narrow table breaks none"


def test_weeks_begin_on_monday_and_months_and_years_on_their_first():
    first = {kind: Period.containing(date(2026, 11, 22), kind, ZoneInfo("UTC")).first_day for kind in KINDS}
    assert first == {
        "day": date(2026, 11, 22),
        "week": date(2026, 11, 16),
        "month": date(2026, 11, 1),
        "year": date(2026, 1, 1),
    }


@examples(100)
@given(st.dates(date(1971, 1, 1), date(2100, 1, 1)), st.sampled_from(KINDS), st.sampled_from(ZONES).map(ZoneInfo))
def test_periods_join_without_gap_or_overlap_and_their_parts_fill_them(of, kind, zone):
    period = Period.containing(of, kind, zone)
    assert period.start <= midnight(of, zone) < period.end
    assert Period.containing(period.next_day, kind, zone).start == period.end
    assert Period.containing(period.next_day, kind, zone).previous_day == period.first_day
    edges = [part.start for part in period.parts] + [period.end]
    assert edges[0] == period.start
    assert [part.end for part in period.parts] == edges[1:]
    assert all(before < after for before, after in pairwise(edges))


@examples(100)
@given(
    st.integers(31_536_000, 4_102_444_800).map(lambda unix_s: datetime.fromtimestamp(unix_s, UTC)),
    st.timedeltas(timedelta(milliseconds=1), timedelta(days=30_000)),
    st.sampled_from(ZONES).map(ZoneInfo),
)
def test_a_range_of_ones_own_is_filled_by_its_parts_too_and_they_are_not_many(start, length, zone):
    period = Period("range", start, start + length, zone)
    edges = [part.start for part in period.parts] + [period.parts[-1].end]
    assert (edges[0], edges[-1]) == (start, start + length)
    assert all(before < after for before, after in pairwise(edges))
    assert len(edges) <= 110
