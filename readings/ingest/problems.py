"""The problems for which a reading of a report can never be stored as it is: their codes and reasons."""

from __future__ import annotations

from datetime import UTC, datetime
from math import isfinite

from freetemp.fields import MILLISECOND, to_millis
from readings.calendar.local_time import CLOCK_TOLERANCE
from readings.calendar.span import DAY_MS
from readings.ingest.reports import Sample
from readings.ingest.rows import RowKey
from readings.rollups.locks import FieldState

FUTURE_MS = CLOCK_TOLERANCE // MILLISECOND
OLDEST_MS = to_millis(datetime(2010, 1, 1, tzinfo=UTC))  # No board of this kind has measured before.
EPOCH_2000_MS = to_millis(datetime(2000, 1, 1, tzinfo=UTC))  # MicroPython's on an ESP8266
MOST_UP_MS = 5 * 366 * DAY_MS  # Hardly a board runs for longer without a restart.


def problem_of(
    sample: Sample, moment_ms: int, field: FieldState | None, *, now_ms: int, raw_since_ms: int
) -> tuple[str, str] | None:
    """Return the code and the reason why a sample of a moment can never be stored as it is, or None.

    A field that has no problem at two moments has none in between.
    """
    if field is None:
        return "field", f"this station has no field {sample.field}"
    if not isfinite(sample.value):
        return "value", "a finite number expected"
    if moment_ms > now_ms + FUTURE_MS:
        return "clock", "more than 5 minutes in the future"
    if moment_ms < OLDEST_MS:
        return "clock", _epoch(sample, now_ms)
    if moment_ms - field.lag_ms < raw_since_ms:
        return "old", "older than what this server keeps"
    return None


def other_value_at(row: RowKey, value: float) -> tuple[str, str]:
    """Return the code and the reason why a sample is not stored where its row has another value."""
    _, field, moment_ms = row
    return "value", f"field {field} has another value at {moment_ms / 1000}: {value!r}"


def _epoch(sample: Sample, now_ms: int) -> str:
    """Return what a moment before 2010 probably counts from, as far as a number can tell."""
    if sample.is_age:
        return "before 2010: the age is too large"
    if OLDEST_MS <= sample.time_ms + EPOCH_2000_MS <= now_ms + FUTURE_MS:
        return "before 2010: it counts from 2000, add 946684800"
    if 0 <= sample.time_ms <= MOST_UP_MS:
        return "before 2010: it counts from power-on, set the clock by time or send age"
    return "before 2010: set the clock by time or send age"
