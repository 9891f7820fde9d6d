"""Moments as devices of other makers write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from freetemp.fields import to_millis

# Blanks and missing zeros come from consoles; a blank before an offset is a + that nobody encoded.
_DATE = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})[T +]+([0-9]{1,2}) *: *([0-9]{1,2})(?: *: *([0-9]{1,2})(?:\.([0-9]{1,9}))?)?"
    r"(?: ?(Z|UTC)|( ?[-+]| )([0-9]{2}):?([0-9]{2}))?",
    re.ASCII | re.IGNORECASE,
)
_EPOCH = re.compile(r"[0-9]{9,10}(?:\.[0-9]{1,9})?", re.ASCII)
_EPOCH_MS = re.compile(r"[0-9]{12,13}", re.ASCII)


def parse_moment(text: str, zone: tzinfo = UTC) -> int | None:
    """Return the Unix milliseconds of a date or of an epoch, or None if it is neither. The zone is for local dates."""
    text = text.strip()
    if _EPOCH.fullmatch(text):
        return round(float(text) * 1000)
    if _EPOCH_MS.fullmatch(text):
        return int(text)
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, utc, sign, hours, minutes = found.groups()
    try:
        if sign:
            east = timedelta(hours=int(hours), minutes=int(minutes))
            zone = timezone(-east if "-" in sign else east)
        local = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0))  # noqa: DTZ001 - its zone follows
        millis = int((fraction or "0").ljust(3, "0")[:3])
        # In UTC, its year may be one that no date has: that is an OverflowError.
        return to_millis(local.replace(tzinfo=UTC if utc else zone).astimezone(UTC)) + millis
    except (ValueError, OverflowError):
        return None
