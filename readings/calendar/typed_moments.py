"""Moments as people type them: the edges of a span."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from freetemp.fields import to_millis
from readings.calendar.days import midnight_ms
from readings.calendar.local_time import parse_moment


def edge_ms(text: str, zone: ZoneInfo, *, is_end: bool = False) -> int:
    """Return a typed moment in Unix milliseconds, local to a zone. A date is its whole day: its end if it is an end.

    Raises ValueError for what is no moment, for one that clocks skip, and for one that a day has twice.
    """
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        moment = _moment(text, zone)
        _check_once(text, zone)
        return to_millis(moment)
    return midnight_ms(day + timedelta(days=is_end), zone)


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        return parse_moment(text, zone)
    except ValueError as error:
        if error.__cause__ is None:  # It has the form of a moment.
            raise
        raise ValueError(f"{error}, or a date alone, like 2026-10-25") from error


def _check_once(text: str, zone: ZoneInfo) -> None:
    try:
        local = datetime.fromisoformat(text.strip())
    except ValueError:
        return  # Unix seconds
    first, second = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    if local.tzinfo is None and first != second:
        offsets = " or ".join(f"{local.replace(tzinfo=zone, fold=fold).isoformat()[-6:]}" for fold in (0, 1))
        raise ValueError(f"{text} is there twice in {zone.key}: put {offsets} behind it")
