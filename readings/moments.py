"""Moments as people and files write them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from freetemp.fields import EPOCH

LATEST = datetime(2200, 1, 1, tzinfo=UTC)
CLOCK_TOLERANCE = timedelta(minutes=5)


def parse_moment(text: str, zone: ZoneInfo) -> datetime:
    """Return an aware UTC datetime from ISO 8601 or Unix seconds; without an offset it is local to the zone.

    ValueError says what is wrong: no such form, an hour that the zone's clocks skip, or years nobody measures in.
    """
    try:
        moment = _unix(text) or datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(_("a date and time expected, like 2026-11-22T14:30:00+01:00")) from error
    if moment.tzinfo is None:
        moment = _localise(moment, zone)
    # Compared before it is converted: an offset at the end of the calendar would overflow.
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
