"""The days of a time zone's calendar, which have 23, 24 or 25 hours."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from freetemp.fields import from_millis, to_millis
from readings.calendar.span import DAY_MS, HOUR_MS, Span

LONGEST_DAY_MS = 28 * HOUR_MS  # Antarctica/Casey has set its clocks back by three hours.


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment at which a day begins in a zone, even if the clocks skip its midnight."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def midnight_ms(day: date, zone: ZoneInfo) -> int:
    """Return the moment at which a day begins in a zone, in Unix milliseconds."""
    return to_millis(midnight(day, zone))


def day_start_ms(zone: ZoneInfo, quarter_ms: int) -> int:
    """Return the first moment of the local day that holds a quarter, in Unix milliseconds.

    A day that has begun goes on if the clocks are then set back over its midnight, as they were in St. John's.
    """
    starts_ms = _starts_around_ms(zone, quarter_ms // DAY_MS)
    return starts_ms[bisect_right(starts_ms, quarter_ms) - 1]


@lru_cache(maxsize=4096)
def _starts_around_ms(zone: ZoneInfo, number: int) -> list[int]:
    """Return the starts of the local days that have a part in a day of UTC, by its number since 1970, and others."""
    day = from_millis(number * DAY_MS).astimezone(zone).date()
    return sorted(midnight_ms(day + timedelta(days=days), zone) for days in range(-1, 3))


class RunningDay(NamedTuple):
    """The day that is not over: its first moment in Unix milliseconds, and the share of it that has passed."""

    start_ms: int
    share: float


def running_day(zone: ZoneInfo, now: datetime) -> RunningDay:
    now_ms = to_millis(now)
    day = day_of(zone, now_ms)
    return RunningDay(day.start_ms, max(now_ms - day.start_ms, 1) / (day.end_ms - day.start_ms))


def day_of(zone: ZoneInfo, moment_ms: int) -> Span:
    """Return the local day that holds a moment."""
    return Span(*day_starts_ms(zone, Span(moment_ms, moment_ms + 1)))


def day_starts_ms(zone: ZoneInfo, span: Span) -> Iterator[int]:
    """Yield the starts of the local days that have a quarter in a span, then the start of the day after."""
    start_ms = day_start_ms(zone, span.start_ms)
    day = from_millis(start_ms).astimezone(zone).date()
    while start_ms < span.end_ms:
        yield start_ms
        before_ms = start_ms
        while start_ms <= before_ms:  # Samoa once skipped a whole day.
            day += timedelta(days=1)
            start_ms = midnight_ms(day, zone)
    yield start_ms
