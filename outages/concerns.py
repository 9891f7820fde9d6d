"""What happened lately, for an operator: outages that are over, those with one cause at one moment as one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.urls import reverse

from freetemp.ages import length
from freetemp.overview.concerns import Concern, Item, Survey, Urgency, about
from outages.causes import Cause
from outages.models import Outage
from outages.rhythm import TOGETHER

LATELY = timedelta(days=2)
MOST_NAMES = 5
MOST_LOOKED_AT = 500
HAPPENED = {
    Cause.SERVER: "missed this server, which was off,",
    Cause.WAY: "did not reach this server",
    Cause.NETWORK: "lost the network",
    Cause.SIGNAL: "lost a weak WiFi",
    Cause.POWER: "lost power",
    Cause.BATTERY: "lost power from an empty battery",
    Cause.CRASH: "crashed",
    Cause.HANG: "hung, or had no values from a sensor,",
    Cause.SENSOR: "had no values from a sensor",
    Cause.UNKNOWN: "fell silent for a reason that is not known",
}


def outage_concerns(survey: Survey) -> Iterator[Concern | None]:
    """Yield what happened in the last two days. Stations that are silent now are told of elsewhere."""
    lately = Outage.objects.filter(ended_at__gt=survey.at - LATELY).select_related("station")
    own = lately if survey.only is None else lately.filter(station__in=survey.only)
    yield about(
        _events(own[:MOST_LOOKED_AT]),
        lambda outages: _told(outages, survey.at),
        "outages",
        Urgency.NOTE,
        "What happened in the last two days",
        "These outages are over. Each station's page has all of them, with what speaks for the cause.",
        reverse("admin:outages_outage_changelist"),
    )


def _events(outages: Iterable[Outage]) -> list[list[Outage]]:
    """Return outages, the latest first: those of one cause that began at one moment are one event."""
    events: list[list[Outage]] = []
    newest: dict[str, list[Outage]] = {}
    for each in outages:  # the latest first
        event = newest.get(each.cause)
        if event is None or event[-1].began_at - each.began_at > TOGETHER:
            event = newest[each.cause] = []
            events.append(event)
        event.append(each)
    return events


def _told(outages: Sequence[Outage], at: datetime) -> Item:
    first = min(outages, key=lambda outage: outage.began_at)
    station, count = first.station, len({each.station_id for each in outages})
    who = str(station) if count == 1 else f"{count} of {max(first.of, count)} stations"
    probably = "" if any(each.is_sure for each in outages) or first.cause == Cause.UNKNOWN else "probably "
    local = first.began_at.astimezone(station.zone)
    when = f"{local:%H:%M}" if at - first.began_at < timedelta(hours=20) else f"{local:%H:%M} on {local:%A}"
    together = " together" if count > 1 else ""
    names = ", ".join(str(each.station) for each in outages[:MOST_NAMES]) if count > 1 else ""
    more = f" and {count - MOST_NAMES} more" if count > MOST_NAMES else ""
    back = f"back after {length(max(each.length(at) for each in outages))}"
    detail = f"{names}{more}: {back}" if names else back
    url = reverse("station-outages", args=[station.pk]) if count == 1 else ""
    return Item(f"{who} {probably}{HAPPENED[Cause(first.cause)]}{together} at {when}", detail, url)
