"""Reports of a station that are refused again and again: readings are lost, or wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from alerts.rules.minded import Minded
from alerts.rules.state import State
from readings.models import RefusedReport
from readings.models.refused_report import Reason

RECENT = timedelta(days=1)
# The server's own faults are told of the server. A device of another maker sends what freetemp has no use for.
NOT_OF_A_STATION = (Reason.CLOCK, Reason.DATABASE, Reason.NAME)


def refused(minded: Minded, at: datetime) -> Iterator[State]:
    """Yield whether reports of each station are refused, and go on to be."""
    worst: dict[int, RefusedReport] = {}
    lately = RefusedReport.objects.filter(last_at__gte=at - RECENT).exclude(mac="").exclude(reason__in=NOT_OF_A_STATION)
    for report in lately.with_station().order_by("count"):
        row: Any = report
        if row.station_id is not None and report.is_repeated and not report.is_done(at):
            worst[row.station_id] = report
    for station, rule in minded:
        found = worst.get(station.pk)
        began_at = max(found.first_at, at - RECENT) if found else None
        detail, value = (found.reason, float(found.count)) if found else ("", None)
        yield State(rule, station, found is not None, found is None, None, value, detail, began_at)
