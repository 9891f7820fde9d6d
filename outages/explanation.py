"""Weighs the causes of outages: at once for a message, and again while readings may still arrive late."""

from __future__ import annotations

from datetime import datetime, timedelta

from outages.causes import decide
from outages.facts import gather
from outages.models import Outage
from stations.models import Station

# After an outage a board delivers what it has kept. Days of it take a while.
AGAIN = (timedelta(minutes=3), timedelta(minutes=30), timedelta(hours=6), timedelta(days=1))
AT_ONCE = 20  # in a round of the watch


def explain(station: Station, began_at: datetime, ended_at: datetime, at: datetime) -> Outage:
    """Return a station's outage with its cause as it is known at a moment. Nothing is saved."""
    known = Outage.objects.filter(station=station, began_at=began_at).first()
    outage = known or Outage(station=station, began_at=began_at)
    outage.station, outage.ended_at = station, ended_at
    outage.judge(decide(gather(outage, at)))
    return outage


def weigh_due(at: datetime) -> None:
    """Weigh the causes that are due. If a board has shown something new, those lost with it are weighed again too."""
    for outage in Outage.objects.due(at).select_related("station").prefetch_related("station__fields")[:AT_ONCE]:
        before = outage.evidence
        outage.judge(decide(gather(outage, at)))
        outage.weigh_at = _next(outage, at)
        outage.save()
        if outage.evidence != before:
            with_it = Outage.objects.lost_with(outage.station, outage.began_at).filter(ended_at__gt=at - AGAIN[-1])
            with_it.update(weigh_at=at)


def first_weighing(ended_at: datetime) -> datetime:
    return ended_at + AGAIN[0]


def _next(outage: Outage, at: datetime) -> datetime | None:
    age = at - (outage.ended_at or at)
    return next((outage.ended_at + after for after in AGAIN if after > age), None) if outage.ended_at else None
