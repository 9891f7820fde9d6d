"""The hour that occurs twice in autumn: the order of a file's rows tells its runs apart, or the rows are refused."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from readings.files import double_hour
from readings.files.double_hour import LocalClock, Refused, Row

BERLIN = ZoneInfo("Europe/Berlin")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # Its clocks go back by half an hour.
MIDNIGHT = datetime(2025, 10, 26, tzinfo=UTC)
TEN = timedelta(minutes=10)


def local(*times):
    """Return the rows of 26 October 2025 with these local times."""
    moments = [datetime(2025, 10, 26, *map(int, time.split(":"))) for time in times]  # noqa: DTZ001
    return [Row(line, moment, []) for line, moment in enumerate(moments, 2)]


def rows_in_utc(rows, zone):
    """Return what a clock makes of rows that come in two parts."""
    clock, first = LocalClock(zone), len(rows) // 2
    return [*clock.in_utc(rows[:first]), *clock.in_utc(rows[first:]), *clock.end()]


def in_utc(rows, zone=BERLIN):
    """Return each row's time in UTC as minutes since midnight, or None if it is refused."""
    found = {}
    for row in rows_in_utc(rows, zone):
        found[row.line] = None if isinstance(row, Refused) else (row.moment - MIDNIGHT) // timedelta(minutes=1)
    return [found[line] for line in sorted(found)]


def logged(start, end, step, zone=BERLIN):
    """Return the rows of a logger that writes local time."""
    moments = [start + n * step for n in range((end - start) // step)]
    naive = [moment.astimezone(zone).replace(tzinfo=None) for moment in moments]
    return moments, [Row(line, moment, []) for line, moment in enumerate(naive, 2)]


@pytest.mark.parametrize("minutes", [1, 5, 7, 10, 20, 30, 60])
@pytest.mark.parametrize("is_newest_first", [False, True])
@pytest.mark.parametrize(
    ("zone", "night"),
    [
        (BERLIN, datetime(2025, 10, 26, 1, tzinfo=UTC)),
        (ZoneInfo("America/New_York"), datetime(2025, 11, 2, 6, tzinfo=UTC)),
        (ZoneInfo("Antarctica/Troll"), datetime(2025, 10, 26, 1, tzinfo=UTC)),
    ],
)
def test_a_loggers_rows_come_back_as_they_were_measured(zone, night, minutes, is_newest_first):
    hours = timedelta(hours=5)
    moments, rows = logged(night - hours, night + hours, timedelta(minutes=minutes), zone)
    order = slice(None, None, -1 if is_newest_first else 1)
    assert [row.moment for row in rows_in_utc(rows[order], zone)] == moments[order]


def test_half_an_hour_that_occurs_twice_is_told_apart_too():
    night = datetime(2026, 4, 4, 15, tzinfo=UTC)
    moments, rows = logged(night - 24 * TEN, night + 24 * TEN, TEN, LORD_HOWE)
    assert [row.moment for row in rows_in_utc(rows, LORD_HOWE)] == moments


def test_a_reading_an_hour_has_its_local_time_twice():
    assert in_utc(local("1:00", "2:00", "2:00", "3:00")) == [-60, 0, 60, 120]


def test_a_row_written_twice_is_no_second_run():
    times = ["1:50", "2:00", "2:10", "2:10", "2:40", "2:00", "2:10", "2:50", "3:00"]
    assert in_utc(local(*times)) == [-10, 0, 10, 10, 40, 60, 70, 110, 120]


def test_a_file_that_is_this_hour_alone_is_told_by_its_own_rows():
    times = ["2:00", "2:20", "2:40"]
    assert in_utc(local(*times, *times)) == [0, 20, 40, 60, 80, 100]
    assert in_utc(local(*times[::-1], *times[::-1])) == [100, 80, 60, 40, 20, 0]


@pytest.mark.parametrize(
    "times",
    [
        ["2:30"],
        ["1:00", "2:30", "4:00"],
        ["1:50", "2:00", "2:10", "2:20", "2:30", "2:40", "2:50", "3:00"],
        ["2:30", "2:10"],
        ["2:10", "2:10"],
        ["1:50", "2:10", "2:00", "2:20", "2:05", "2:40", "3:00"],
        ["3:00", "2:10", "2:20", "3:10", "3:20"],
        ["1:50", "2:00", "2:10", "2:30", "2:20", "2:40", "2:50", "3:00"],
    ],
    ids=["alone", "one", "one run", "two alone", "one twice", "no order", "not in its place", "one row out of place"],
)
def test_what_the_order_does_not_tell_is_refused_and_no_other_row(times):
    expected = [None if time.startswith("2:") else 0 for time in times]
    assert [None if each is None else 0 for each in in_utc(local(*times))] == expected


def test_a_refusal_says_why_and_what_to_write():
    (refused,) = rows_in_utc(local("2:30"), BERLIN)
    assert refused == Refused(
        2,
        "2025-10-26 02:30:00 occurs twice in Europe/Berlin, and the order of the rows does not tell which it is:"
        " write it with its offset, like 2025-10-26T02:30:00+02:00",
    )


def test_moments_with_their_offset_are_taken_as_they_are_and_tell_the_order():
    rows = [row._replace(moment=row.moment.replace(tzinfo=BERLIN)) for row in local("1:50", "3:00")]
    between = local("2:00", "2:30", "2:00", "2:30")
    assert in_utc([rows[0]._replace(line=1), *between, rows[1]._replace(line=9)]) == [-10, 0, 30, 60, 90, 120]


def test_an_hour_that_the_clocks_skip_is_refused_whether_or_not_it_is_in_order():
    spring = [row._replace(moment=row.moment.replace(month=3, day=30)) for row in local("1:50", "2:00", "2:59", "3:00")]
    refused = [row for row in rows_in_utc(spring, BERLIN) if isinstance(row, Refused)]
    assert [each.line for each in refused] == [3, 4]
    assert refused[0].reason == "2025-03-30 02:00:00 does not exist in Europe/Berlin: the clocks skip it"


def test_the_hours_of_two_years_are_told_apart_each_by_itself():
    first = local("2:00", "2:30", "2:00", "2:30")
    next_year = [row._replace(line=row.line + 4, moment=row.moment.replace(year=2026, day=25)) for row in first]
    year = (datetime(2026, 10, 25, tzinfo=UTC) - MIDNIGHT) // timedelta(minutes=1)
    assert in_utc(first + next_year) == [0, 30, 60, 90, *(year + each for each in (0, 30, 60, 90))]


def test_rows_without_number_in_one_hour_are_refused_and_not_kept(monkeypatch):
    monkeypatch.setattr(double_hour, "MOST_ROWS", 3)
    assert in_utc(local("1:00", *["2:00", "2:30"] * 3, "3:00", "3:10")) == [-60, *[None] * 6, 120, 130]


def test_refused_rows_are_named_in_the_order_of_the_file():
    (twice,), skipped = local("2:30"), datetime.fromisoformat("2025-03-30T02:30")
    rows = [twice, Refused(3, "no moment"), Row(4, skipped, [])]
    assert [(type(each), each.line) for each in rows_in_utc(rows, BERLIN)] == [(Refused, 2), (Refused, 3), (Refused, 4)]
    assert [each.line for each in rows_in_utc([Refused(1, "no moment"), twice], BERLIN)] == [1, 2]
