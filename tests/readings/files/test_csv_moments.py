"""Moments as loggers and other programs write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from readings.files.csv_moments import parse_file_moment

IN_MARCH = datetime(2018, 3, 4, 6, 10, 2, tzinfo=UTC)
JUNE = datetime(2021, 6, 1)  # noqa: DTZ001 - local


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2018-03-04 06:10:02 UTC", IN_MARCH),
        ("2018-03-04 06:10:02 GMT", IN_MARCH),
        ("2018-03-04 06:10:02 Z", IN_MARCH),
        ("2018-03-04T06:10:02.000000000Z", IN_MARCH),
        (" 2018-03-04 06:10:02 +0000 ", IN_MARCH),
        ("2018-03-04 07:10:02 +01:00", IN_MARCH.astimezone(timezone(timedelta(hours=1)))),
        ("1520143802", IN_MARCH),
        ("1520143802.5", IN_MARCH.replace(microsecond=500_000)),
        ("1520143802000", IN_MARCH),
        ("1520143802000123", IN_MARCH.replace(microsecond=123)),
        ("1520143802000000000", IN_MARCH),
        ("2021-06-01", JUNE),
        ("20210601", JUNE),
        ("2021/06/01", JUNE),
        ("2021/6/1 8:05", JUNE.replace(hour=8, minute=5)),
        ("2021-6-1 8:05:09,25", JUNE.replace(hour=8, minute=5, second=9, microsecond=250_000)),
        ("01.06.2021 23:00", JUNE.replace(hour=23)),
        ("2021-06-01 12:04 AM", JUNE.replace(minute=4)),
        ("2021/06/01 1:04 pm", JUNE.replace(hour=13, minute=4)),
    ],
)
def test_a_moment_is_understood(text, moment):
    found = parse_file_moment(text)
    assert (found, found.tzinfo is None) == (moment, moment.tzinfo is None)


@pytest.mark.parametrize(
    "text",
    [
        "2018-03-04 06:10:02 CEST",
        "2018-03-04 06:10:02 PST",
        "yesterday",
        "",
        "1e9",
        "1.2.3",
        "2021-02-30",
        "2021/13/01",
        "2021-06-01 13:00 PM",
        "2021-06-01 0:00 AM",
        "31.06.2021",
        "1" * 21,
        "١٥٢٠١٤٣٨٠٢",
    ],
)
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(ValueError, match=r"a date and time expected, like 2026-11-22T14:30:00\+01:00"):
        parse_file_moment(text)


@pytest.mark.parametrize("text", ["1969-12-31 23:59:59", "2200-01-01", "7258118400", "99999999999", "9" * 20])
def test_a_moment_before_1970_or_after_2200_is_refused(text):
    with pytest.raises(ValueError, match="a moment between 1970 and 2200 expected"):
        parse_file_moment(text)


@pytest.mark.parametrize("text", ["01/06/2021", "1/6/2021 12:00", "13/06/2021", "06-01-2021"])
def test_a_date_that_may_be_two_days_is_refused_until_its_order_is_told(text):
    with pytest.raises(ValueError, match="may have the day or the month first: say --date-order"):
        parse_file_moment(text)


def test_the_order_of_dates_is_taken_as_told():
    assert parse_file_moment("01/06/2021", "dmy") == JUNE
    assert parse_file_moment("6/1/2021", "mdy") == JUNE
    assert parse_file_moment("01.06.2021", "mdy") == JUNE, "with full stops the day is first everywhere"
    with pytest.raises(ValueError, match="a date and time expected"):
        parse_file_moment("13/06/2021", "mdy")
