"""Moments in the form in which people and files write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from freetemp.fields import from_millis, to_millis
from readings.calendar.local_time import by_hour, local_texts, parse_moment

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
        ("2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # the first of two such times
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


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2199-12-31T23:59:59.999Z", datetime(2199, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("7258118399.999", datetime(2199, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
        ("1234567", datetime(1970, 1, 15, 6, 56, 7, tzinfo=UTC)),
        ("123456789", datetime(1973, 11, 29, 21, 33, 9, tzinfo=UTC)),
    ],
)
def test_the_first_and_the_last_moments_are_read(text, moment):
    assert parse_moment(text, BERLIN) == moment


def test_what_is_one_moment_too_late_is_refused_by_its_number_too():
    with pytest.raises(ValueError, match="between 1970 and 2200"):
        parse_moment("7258118400", BERLIN)


# Each zone with a moment at which its clocks are set: by an hour, half an hour, or some minutes within a quarter.
CLOCKS = {
    "Europe/Berlin": datetime(2026, 10, 25, 1, tzinfo=UTC),
    "America/St_Johns": datetime(2026, 3, 8, 5, 30, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 4, 4, 15, tzinfo=UTC),
    "Asia/Kathmandu": datetime(1985, 12, 31, 18, 30, tzinfo=UTC),
    "Africa/Monrovia": datetime(1972, 1, 7, 0, 44, 30, tzinfo=UTC),
}


@pytest.mark.parametrize("name", CLOCKS)
def test_moments_are_written_as_isoformat_has_them_also_around_a_change_of_the_clocks(name):
    zone, around_ms = ZoneInfo(name), to_millis(CLOCKS[name])
    near = [around_ms + n for n in (-1, 0, 1)]
    moments = sorted(
        {*range(around_ms - 9_000_001, around_ms + 9_000_000, 299_993), *near, around_ms // 900_000 * 900_000}
    )
    right = [from_millis(at).astimezone(zone).isoformat(timespec="milliseconds") for at in moments]
    assert local_texts(moments, zone) == right
    hours = list(by_hour(moments, zone))
    assert [at for _, own in hours for at in own] == moments
    for hour, own in hours:
        assert hour.offset_ms == from_millis(own[0]).astimezone(zone).utcoffset().total_seconds() * 1000
        assert hour.start_ms <= own[0] <= own[-1] < hour.end_ms
    assert len(hours) <= 30, "mostly an hour is told at once"
    assert local_texts([], zone) == []
