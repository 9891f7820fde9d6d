"""Moments in the form in which people and files write them."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from freetemp.fields import EPOCH, MILLISECOND, from_millis
from readings.calendar.span import HOUR_MS, QUARTER_MS

LATEST = datetime(2200, 1, 1, tzinfo=UTC)
CLOCK_TOLERANCE = timedelta(minutes=5)
_MINUTES = [f"{seconds // 60:02}:{seconds % 60:02}" for seconds in range(3600)]


def parse_moment(text: str, zone: ZoneInfo) -> datetime:
    """Return an aware UTC datetime from ISO 8601 or Unix seconds. A text without an offset is local to the zone.

    A ValueError states the problem: another form, an hour that the zone's clocks skip, or a year out of range.
    """
    try:
        moment = _unix(text) or datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(_("a date and time expected, like 2026-11-22T14:30:00+01:00")) from error
    if moment.tzinfo is None:
        moment = _localise(moment, zone)
    # The comparison comes before the conversion: an offset at the end of the calendar would overflow.
    if not EPOCH <= moment < LATEST:
        raise ValueError(_("a moment between 1970 and 2200 expected"))
    return moment.astimezone(UTC)


def _unix(text: str) -> datetime | None:
    digits = text.strip()
    if not digits.replace(".", "", 1).isdecimal() or not digits.isascii() or len(digits) == 8 or len(digits) > 20:
        return None  # Eight digits are a date in ISO 8601's basic form.
    return EPOCH + timedelta(seconds=float(digits)) if float(digits) < LATEST.timestamp() else LATEST


def _localise(moment: datetime, zone: ZoneInfo) -> datetime:
    local = moment.replace(tzinfo=zone)
    if EPOCH <= local < LATEST and local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
        skipped = {"moment": moment.isoformat(sep=" "), "zone": zone.key}
        raise ValueError(_("%(moment)s does not exist in %(zone)s: the clocks skip it") % skipped)
    return local


class Hour(NamedTuple):
    """Moments with the same local hour and UTC offset. Files have millions of moments: each hour is computed once."""

    start_ms: int
    end_ms: int
    shift_ms: int  # The number to add to a moment to get its time since the local hour began.
    opening: str
    offset: str
    offset_ms: int


def by_hour(moments_ms: Sequence[int], zone: ZoneInfo) -> Iterator[tuple[Hour, Sequence[int]]]:
    """Yield the hours of moments, each with its moments. The moments must be in order of time."""
    at = 0
    while at < len(moments_ms):
        hour = _hour(moments_ms[at], zone)
        after = bisect_left(moments_ms, hour.end_ms, at)
        yield hour, moments_ms[at:after]
        at = after


def local_texts(moments_ms: Sequence[int], zone: ZoneInfo) -> list[str]:
    """Return moments in the form of `isoformat(timespec="milliseconds")`, in a quarter of its time."""
    texts: list[str] = []
    for hour, in_hour in by_hour(moments_ms, zone):
        times = [divmod(moment_ms + hour.shift_ms, 1000) for moment_ms in in_hour]
        texts += [f"{hour.opening}{_MINUTES[seconds]}.{rest_ms:03}{hour.offset}" for seconds, rest_ms in times]
    return texts


def _hour(moment_ms: int, zone: ZoneInfo) -> Hour:
    """Return the hour that holds a moment, or a shorter stretch of it if the clocks are set within the hour."""
    for width_ms in (HOUR_MS, QUARTER_MS, 1):
        start_ms = moment_ms - moment_ms % width_ms
        first, last = (from_millis(ms).astimezone(zone) for ms in (start_ms, start_ms + width_ms - 1))
        if (first.hour, first.utcoffset()) == (last.hour, last.utcoffset()):
            break
    offset_ms = (first.utcoffset() or timedelta()) // MILLISECOND
    shift_ms = (start_ms + offset_ms) % HOUR_MS - start_ms
    text = first.isoformat(timespec="milliseconds")
    return Hour(start_ms, start_ms + width_ms, shift_ms, text[:14], text[23:], offset_ms)
