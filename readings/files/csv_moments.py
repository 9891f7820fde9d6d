"""Moments in the forms in which loggers and other programs write them into files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from freetemp.fields import EPOCH, MILLISECOND
from readings.calendar.local_time import LATEST

DATE_ORDERS = ("dmy", "mdy")
EXPECTED = "a date and time expected, like 2026-11-22T14:30:00+01:00"
OUT_OF_RANGE = "a moment between 1970 and 2200 expected"
_FIRST, _AFTER_LAST = EPOCH.replace(tzinfo=None), LATEST.replace(tzinfo=None)
_SIGNS = {"--T::", "-- ::"}  # of 2026-11-22T14:30:00, between its numbers
_FORM = re.compile(
    r"""
    (?: (?P<year>\d{4}) (?P<sign>[-/.]) (?P<month>\d{1,2}) (?P=sign) (?P<day>\d{1,2})
      | (?P<first>\d{1,2}) (?P<between>[-/.]) (?P<second>\d{1,2}) (?P=between) (?P<last>\d{4}|\d\d) )
    (?: [T\s]\s* (?P<hour>\d{1,2}) : (?P<minute>\d\d) (?: :(?P<seconds>\d\d) (?:[.,](?P<fraction>\d+))? )?
      (?: \s*(?P<half>[ap]m) )? (?: \s*(?P<offset>Z|UTC|GMT|[-+]\d\d:?\d\d) )? )?
    """,
    re.X | re.I | re.A,
)
# Unix time below each limit has parts of so many nanoseconds: milli-, micro-, nanoseconds. From 1973 on, none can be
# mistaken for another.
_PARTS = [(1e14, 10**6), (1e17, 10**3), (LATEST.timestamp() * 1e9, 1)]
_LEAST_PARTS = 1e11


def parse_file_moment(text: str, date_order: str = "") -> datetime:
    """Return an aware datetime, or a naive one if the text has no offset.

    It is ISO 8601, also with a space, slashes, one digit or “ UTC”; day.month.year, also of two digits; or Unix time in
    seconds, milli-, micro- or nanoseconds. A ValueError states the problem. 01/06/2021 is two days, and needs a date
    order, dmy or mdy.
    """
    text = text.strip()
    if text.isascii() and text.replace(".", "", 1).isdecimal() and len(text) != 8:  # Eight digits: a date of ISO 8601.
        moment = _unix(text)
    else:
        moment = _written(text, date_order)
    if not _FIRST <= moment.replace(tzinfo=None) < _AFTER_LAST:
        raise ValueError(OUT_OF_RANGE)
    return moment


class Moments(NamedTuple):
    """Moments in Unix milliseconds. Those of a local clock are as if it showed UTC."""

    ms: list[int]
    are_local: bool


def parse_file_moments(texts: Sequence[str]) -> Moments | None:
    """Return what parse_file_moment() does for each text, or None if it has to look at them one by one.

    It knows the two forms of nearly all files: ISO 8601, of which it parses each ending once, and Unix seconds.
    """
    lengths = {*map(len, texts)}
    if lengths == {10}:
        return _unix_seconds(texts)
    if lengths == {16}:
        texts = [f"{text}:00" for text in texts]
    if not {text[4:19:3] for text in texts} <= _SIGNS:
        return None
    endings = [text[19:] for text in texts]
    try:
        shifts = {ending: _shift(ending) for ending in {*endings}}
        moments = [datetime.fromisoformat(text[:19]) - _FIRST for text in texts]
    except ValueError:
        return None
    are_local = {each.are_local for each in shifts.values()}
    if len(are_local) != 1:
        return None
    shifts_ms = [shifts[ending].ms for ending in endings]
    moments_ms = [(at.days * 86_400 + at.seconds) * 1000 + ms for at, ms in zip(moments, shifts_ms, strict=True)]
    return Moments(moments_ms, are_local.pop())


def _unix_seconds(texts: Sequence[str]) -> Moments | None:
    digits = "".join(texts)
    if not (digits.isascii() and digits.isdecimal()):
        return None
    moments_ms = [int(text) * 1000 for text in texts]
    return Moments(moments_ms, are_local=False) if max(moments_ms) < LATEST.timestamp() * 1000 else None


class _Shift(NamedTuple):
    ms: int
    are_local: bool


@lru_cache(maxsize=4096)
def _shift(ending: str) -> _Shift:
    """Return how far the end of a moment, behind its second, moves it: by its fraction, and by its offset."""
    moment = parse_file_moment(f"2000-01-01T00:00:00{ending}")
    start = datetime(2000, 1, 1, tzinfo=UTC)
    local = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return _Shift((local - start) // MILLISECOND, moment.tzinfo is None)


def _unix(digits: str) -> datetime:
    if len(digits) > 20:
        raise ValueError(EXPECTED)
    number = float(digits)
    if number < LATEST.timestamp():
        return EPOCH + timedelta(seconds=number)
    part_ns = next((each for most, each in _PARTS if _LEAST_PARTS <= number < most), None)
    if part_ns is None:
        raise ValueError(OUT_OF_RANGE)
    return EPOCH + timedelta(microseconds=int(digits.partition(".")[0]) * part_ns // 1_000)


def _written(text: str, date_order: str) -> datetime:
    try:
        return datetime.fromisoformat(text)  # Nearly every moment, in a twentieth of the time.
    except ValueError:
        form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError(EXPECTED)
    try:
        return _formed(form, date_order)
    except _TwoDaysError:
        raise
    except ValueError as error:
        raise ValueError(EXPECTED) from error


class _TwoDaysError(ValueError):
    """A date that may be two days."""


def _formed(form: re.Match[str], date_order: str) -> datetime:
    hour = int(form["hour"] or 0)
    if half := form["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(EXPECTED)
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    fraction = int(f"{form['fraction'] or '':0<6.6}")
    moment = datetime(*_date(form, date_order), hour, int(form["minute"] or 0), int(form["seconds"] or 0), fraction)  # noqa: DTZ001 - local until its offset is known
    offset = form["offset"]
    return moment if offset is None else moment.replace(tzinfo=_zone(offset))


def _zone(offset: str) -> Any:
    if offset.upper() in ("Z", "UTC", "GMT"):
        return UTC
    return datetime.strptime(offset, "%z").tzinfo


def _date(form: re.Match[str], date_order: str) -> tuple[int, int, int]:
    if form["year"]:
        return int(form["year"]), int(form["month"]), int(form["day"])
    first, second, year = (int(form[name]) for name in ("first", "second", "last"))
    year += 2000 if year < 70 else 1900 if year < 100 else 0
    order = "dmy" if form["between"] == "." else date_order  # Only the German way has full stops.
    if not order:
        date = form[0].split()[0]
        raise _TwoDaysError(f"{date} may have the day or the month first: say --date-order dmy or --date-order mdy")
    return (year, second, first) if order == "dmy" else (year, first, second)
