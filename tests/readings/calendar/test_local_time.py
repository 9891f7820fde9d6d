"""Moments as people and files write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from readings.calendar.local_time import parse_moment

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T14:30:00+01:00", datetime(2026, 11, 22, 13, 30, tzinfo=UTC)),
        ("2026-11-22T13:30:00.250Z", datetime(2026, 11, 22, 13, 30, 0, 250_000, tzinfo=UTC)),
        ("2026-11-22 14:30", datetime(2026, 11, 22, 13, 30, tzinfo=UTC)),
        (" 2026-07-01 ", datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ("20260701", datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ("0", datetime(1970, 1, 1, tzinfo=UTC)),
        ("1795334400", datetime(2026, 11, 22, 8, tzinfo=UTC)),
        ("1795334400.125", datetime(2026, 11, 22, 8, 0, 0, 125_000, tzinfo=UTC)),
        ("2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # twice that night: the first
    ],
)
def test_a_moment_is_read(text, moment):
    assert parse_moment(text, BERLIN) == moment


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "22.11.2026", "2026-13-01", "nan", "inf", "1e9", "-1", "٣", "99999999999999999999", "9" * 400),
        *("1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
        *("0001-01-01", "9999-12-31", "2026-11-22T14:30:00+99:00", "\x00"),
    ],
)
def test_what_is_no_moment_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match="expected"):
        parse_moment(text, BERLIN)


def test_an_hour_that_the_clocks_skip_is_refused():
    with pytest.raises(ValueError, match="does not exist in Europe/Berlin"):
        parse_moment("2026-03-29T02:30", BERLIN)
