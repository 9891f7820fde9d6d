"""The start and end of a period for its links, its inputs and its table, to the millisecond."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from readings.calendar.local_time import LATEST
from readings.calendar.navigation import Navigation
from readings.calendar.periods import Period

pytestmark = pytest.mark.sqlite_only

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
MS = timedelta(milliseconds=1)


def around(day, kind, now=NOW, **besides):
    return Navigation(Period.containing(day, kind, BERLIN), now, **besides)


def stretch(start, end, **besides):
    return Navigation(Period("range", start, end, BERLIN), NOW, **besides)


EVER = Navigation(Period("all", NOW - timedelta(days=9), NOW - timedelta(hours=3), BERLIN), NOW, "before")


@pytest.mark.parametrize(
    ("now", "has_now", "has_next"),
    [
        (datetime(2026, 11, 21, 23, tzinfo=UTC) - MS, False, False),
        (datetime(2026, 11, 21, 23, tzinfo=UTC), True, False),
        (datetime(2026, 11, 22, 23, tzinfo=UTC) - MS, True, False),
        (datetime(2026, 11, 22, 23, tzinfo=UTC), False, True),
    ],
)
def test_a_day_is_today_from_its_midnight_to_the_next_where_the_next_page_begins(now, has_now, has_next):
    day = around(date(2026, 11, 22), "day", now)
    assert (day.has_now, day.is_today, day.next is not None) == (has_now, has_now, has_next)
    assert not around(date(2026, 11, 22), "week", now).is_today


def test_all_readings_say_from_which_day_to_which():
    assert EVER.dates == "13 to 22 November 2026"
    assert around(date(2026, 11, 22), "day").dates == "", "the title names them"


def test_a_range_ends_where_the_calendar_does():
    begins = stretch(datetime(1970, 1, 3, tzinfo=UTC), datetime(1970, 1, 5, tzinfo=UTC))
    assert begins.previous.period.start == datetime(1970, 1, 1, tzinfo=UTC)
    assert begins.previous.previous is None
    ends = Navigation(Period("range", LATEST - timedelta(days=2), LATEST - MS, BERLIN), LATEST)
    assert ends.next is None
    before = Navigation(Period("range", LATEST - timedelta(days=4), LATEST - timedelta(days=2) - MS, BERLIN), LATEST)
    assert before.next.period.end < LATEST


def test_there_is_no_page_before_the_first_day_that_can_be_measured():
    assert around(date(1970, 1, 2), "day").previous.period.first_day == date(1970, 1, 1)
    for kind in ("day", "month", "year"):
        assert around(date(1970, 1, 1), kind).previous is None


def test_what_each_kind_is_called_besides_its_title():
    told = {kind: around(date(2026, 5, 3), kind) for kind in ("day", "week", "month", "year")}
    told |= {"range": stretch(NOW, NOW + timedelta(days=1)), "all": EVER}
    assert {kind: each.date_label for kind, each in told.items()} == {
        "day": "The day",
        "week": "The week of",
        "month": "The month of",
        "year": "The year of",
        "range": "The day",
        "all": "The day",
    }
    assert {kind: each.back for kind, each in told.items()} == {
        "day": "Back to the whole day",
        "week": "Back to the whole week",
        "month": "Back to the whole month",
        "year": "Back to the whole year",
        "range": "Back to the whole range",
        "all": "Back to all readings",
    }
    assert (EVER.title, EVER.nothing) == ("All readings", "No readings yet.")
    assert stretch(NOW, NOW + timedelta(days=1)).nothing == (
        "No readings from 22 November 2026, 12:00 to 23 November 2026, 12:00."
    )


def test_a_moment_is_written_as_far_as_its_period_leaves_it_open():
    formats = {kind: around(date(2026, 5, 3), kind).moments for kind in ("day", "week", "month", "year")}
    assert formats == {"day": "H:i", "week": "D j M, H:i", "month": "j M, H:i", "year": "j M, H:i"}
    midnight = datetime(2026, 5, 2, 22, tzinfo=UTC)
    assert stretch(midnight, midnight + timedelta(days=1)).moments == "H:i", "it ends at midnight"
    assert stretch(midnight, midnight + timedelta(days=1) + MS).moments == "j M, H:i"
    assert EVER.moments == "j M Y"


def test_a_table_has_rows_of_the_kind_that_its_parts_are():
    """A day of 25 hours is a day, a month of 31 days a month; a part that the period cuts is shorter."""
    lengths = {
        "hour": timedelta(hours=49),
        "day": timedelta(hours=49, milliseconds=1),
        "month": timedelta(days=93, milliseconds=1),
        "year": timedelta(days=3 * 366, milliseconds=1),
    }
    titles = {"hour": "Hourly values", "day": "Daily values", "month": "Monthly values", "year": "Yearly values"}
    start = datetime(2026, 9, 30, 22, tzinfo=UTC)  # The next month has 31 days and an hour.
    for kind, length in lengths.items():
        here = stretch(start, start + length)
        assert (here.row_kind, here.row_title) == (kind, titles[kind])
        assert here.row_name == kind.capitalize()
    assert stretch(start, start + timedelta(days=93)).row_kind == "day"
    assert stretch(start, start + timedelta(days=3 * 366)).row_kind == "month"


def test_links_lead_around_the_period_and_keep_what_it_is_compared_with():
    month = around(date(2026, 5, 3), "month", compare="year")
    kept = "&compare=year"
    assert month.kinds == [
        ("day", "Day", f"period=day&date=2026-05-01{kept}"),
        ("week", "Week", f"period=week&date=2026-05-01{kept}"),
        ("month", "Month", f"period=month&date=2026-05-01{kept}"),
        ("year", "Year", f"period=year&date=2026-05-01{kept}"),
        ("all", "All", "period=all"),
    ]
    assert (month.own_address, month.address) == ("period=month&date=2026-05-01", f"period=month&date=2026-05-01{kept}")
    assert month.previous.address == f"period=month&date=2026-04-01{kept}"
    assert month.today == f"period=day{kept}"
    assert next(address for _, _, address in EVER.kinds) == "period=day", "all readings have today in them"
    assert (EVER.address, EVER.today) == ("period=all", "period=day")


def test_a_range_is_named_by_its_moments_of_utc_to_the_millisecond():
    start = datetime(2026, 5, 3, 2, tzinfo=BERLIN)
    named = stretch(start, start + timedelta(hours=1, milliseconds=250)).own_address
    assert named == "start=2026-05-03T00:00:00Z&end=2026-05-03T01:00:00.250000Z"


def test_around_a_moment_is_the_period_of_the_same_kind_or_its_local_day():
    moment = datetime(2026, 5, 2, 22, tzinfo=UTC)
    assert around(date(2026, 1, 1), "month").around(moment).period == Period.containing(
        date(2026, 5, 3), "month", BERLIN
    )
    for here in (stretch(NOW, NOW + timedelta(days=40)), EVER):
        assert here.around(moment).period == Period.containing(date(2026, 5, 3), "day", BERLIN)


def test_inputs_of_a_range_show_its_first_day_and_its_ends():
    assert stretch(NOW, NOW + timedelta(days=2)).inputs == {
        "date": "2026-11-22",
        "start": "2026-11-22T12:00",
        "end": "2026-11-24T12:00",
    }
