"""The retention of raw readings."""

from datetime import datetime, timedelta

from freetemp.fields import EPOCH, from_millis
from readings.calendar.days import midnight_ms
from readings.calendar.span import QUARTER_MS
from stations.models import Station


def oldest_kept(station: Station, days: int, now: datetime) -> datetime:
    """Return the first moment of the local day so many days before today that is also a quarter's start.

    It is never before the limit of an earlier retention.
    """
    today, first = now.astimezone(station.zone).date(), EPOCH.date()
    day = today - timedelta(days=min(days, (today - first).days))  # No reading is older than the epoch.
    while day > first and midnight_ms(day, station.zone) % QUARTER_MS:  # Kiritimati, until 1979: 10:40 hours off.
        day -= timedelta(days=1)
    cut = from_millis(midnight_ms(day, station.zone)) if day > first else EPOCH
    return max(cut, station.raw_since or cut)
