"""What can be told of a silence that is over: the readings that arrived late, and whether the board has restarted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count

from alerts.models import Incident
from readings.models import Boot, Reading

SLACK = 5  # seqs: a board that has just started counts its first reports twice at most.


class Return(NamedTuple):
    """The readings of a silence. `started_anew` is None if the station's device does not count its boots."""

    expected: int
    arrived: int
    started_anew: bool | None


def after(incident: Incident, at: datetime) -> Return:
    """Return what is known, some minutes after it, of a station's silence that has ended."""
    station, ended_at = incident.station, incident.ended_at or at
    interval = timedelta(seconds=station.interval_s)
    # The reports at both ends are no part of it, whenever exactly their values were measured.
    first, last = incident.began_at + interval / 2, ended_at - interval / 2
    expected = max(round((ended_at - incident.began_at) / interval) - 1, 0)
    within = Reading.objects.filter(station=station, measured_at__gt=first, measured_at__lt=last)
    counts = within.order_by().values("field").annotate(count=Count("value")).values_list("count", flat=True)
    return Return(expected, max(counts, default=0), _has_started_anew(incident, ended_at, at))


def _has_started_anew(incident: Incident, ended_at: datetime, at: datetime) -> bool | None:
    """Tell whether the board has begun to count since the end of a silence: then it was reset, or had no power."""
    boot = Boot.objects.filter(station=incident.station).order_by("-used_at").first()
    if boot is None or boot.used_at < ended_at:
        return None
    reports = (at - ended_at) / timedelta(seconds=incident.station.interval_s) + 1
    return bool(boot.seq <= reports * max(incident.station.fields.count(), 1) + SLACK)
