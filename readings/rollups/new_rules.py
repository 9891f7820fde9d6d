"""Days made anew where a time zone has newer rules than those by which they were divided."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from freetemp.background import do_at_last, in_background
from freetemp.fields import from_millis
from freetemp.zone_rules import is_newer, rules_of
from readings.calendar.days import midnight_ms
from readings.calendar.span import EVER, Span
from readings.models import Day
from readings.rollups.locks import locked_fields
from readings.rollups.rebuild import rebuild
from stations.models import Station, ZoneRules
from stations.models.zone_rules import kept_zone

logger = logging.getLogger(__name__)


def follow_rules() -> Iterator[str]:
    """Divide the days of every station by the newest rules of its zone. Yield a sentence for each that had other days.

    Each station is one transaction, and repeating it is harmless: after a power cut, the other stations follow at the
    next start.
    """
    # Only stations with other rules than this computer's: all have the same as a rule, and this costs one query.
    rows = Station.objects.order_by("pk").values_list("pk", "timezone", "zone_rules")
    for pk in [pk for pk, name, digest in rows if (own := rules_of(name)) and digest != own.digest]:
        if sentence := follow_rules_of(pk):
            yield sentence


def follow_rules_of(pk: int, *, even_older: bool = False) -> str:
    """Divide a station's days by this computer's rules, unless they are older, and return what that changed.

    Boards wait for it: about 50 ms for each field and year from the first day that differs. The stored rules change in
    the same transaction, so that days are never divided by two sets of rules.
    """
    with transaction.atomic():
        fields = locked_fields({pk})
        station = Station.objects.filter(pk=pk).first()
        own = rules_of(station.timezone) if station else None
        if station is None or own is None or station.zone_rules == own.digest:
            return ""
        kept = ZoneRules.objects.filter(pk=station.zone_rules, name=station.timezone).first()
        if kept is not None and is_newer(kept.version, own.version) and not even_older:
            return ""
        before = kept_zone(kept.pk) if kept else None
        station.take_zone_rules()
        newest_ms = max((field.newest_ms for field in fields.values()), default=0)
        since_ms = 0 if before is None else _first_other_day(station, before, newest_ms)
        differences = [] if since_ms is None else rebuild(station, span=Span(since_ms, EVER.end_ms), only_days=True)
    return _told(station, {each.key[2] for each in differences if each.right}, own.version)


def _first_other_day(station: Station, before: ZoneInfo, newest_ms: int) -> int | None:
    """Return the start of the day before the first one with another midnight than before, or None if all are the same.

    The day before it ends with it, and so it has changed too.
    """
    numbers = list(station.fields.values_list("number", flat=True))
    first_ms = Day.objects.first_ms(station, numbers)
    if first_ms is None:
        return None
    day = from_millis(first_ms).astimezone(station.zone).date() - timedelta(days=2)
    last = from_millis(newest_ms).astimezone(station.zone).date() + timedelta(days=2)
    while day <= last:
        if midnight_ms(day, station.zone) != midnight_ms(day, before):
            return midnight_ms(day - timedelta(days=1), before)
        day += timedelta(days=1)
    return None


def _told(station: Station, starts: set[int], version: str) -> str:
    if not starts:
        return ""
    first, last = (f"{from_millis(at).astimezone(station.zone):%Y-%m-%d}" for at in (min(starts), max(starts)))
    days = f"the day {first}" if first == last else f"{len(starts)} days from {first} to {last}"
    rules = f"the rules of {station.timezone}" + (f" as of {version}" if version else "")
    return f"{station}: divided {days} anew, by {rules}."


def follow_rules_in_background() -> None:
    """Let a server that starts follow newer rules while it serves: a system's update needs no command."""
    in_background("zone rules", _follow_at_last)


def _follow_at_last() -> None:
    do_at_last(_follow, "The days of stations could not be compared with the rules of their time zones")


def _follow() -> None:
    for sentence in follow_rules():
        logger.info(sentence)
