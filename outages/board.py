"""What a station's board has told of itself around an outage."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from outages.models import Outage
from readings.models import Boot
from readings.models.board_state import BoardState

SLACK = 5  # seqs: a board that has just started counts its first reports twice at most.
# Boots have no beginning. Their count tells it only for a while after a start.
COUNTS_TELL = timedelta(hours=1)
FIRST_REPORTS = 3  # intervals after an outage, within which a start is of its end


class OfBoard(NamedTuple):
    """Whether it had a new start after an outage, and its figures around it. None: it has not told."""

    started_anew: bool | None = None
    reset_cause: int | None = None
    ran_through: bool | None = None
    rssi: int | None = None
    voltages: tuple[float, float] | None = None


def told_by_board(outage: Outage, at: datetime) -> OfBoard:
    """Return what is known of a board at a moment after an outage."""
    states = BoardState.objects.filter(station=outage.station_id)
    before = states.filter(first_at__lte=outage.began_at).order_by("-first_at", "-start").first()
    if before is None:
        return OfBoard(started_anew=_has_begun_to_count(outage, at))
    told = OfBoard(rssi=before.rssi, voltages=None if before.voltage is None else (before.voltage, before.voltage))
    ended_at = outage.ended_at or at
    until = ended_at + FIRST_REPORTS * timedelta(seconds=outage.station.interval_s)
    after = states.filter(first_at__gt=outage.began_at, first_at__lte=until).order_by("first_at", "start").first()
    if after is not None:
        return told._replace(started_anew=after.boot != before.boot, reset_cause=after.reset_cause)
    if before.last_at >= ended_at:  # The same start goes on.
        return told._replace(started_anew=False, ran_through=True)
    return told._replace(started_anew=_has_begun_to_count(outage, at))


def _has_begun_to_count(outage: Outage, at: datetime) -> bool | None:
    """Tell whether the board has begun to count since the end of an outage: then its memory was lost."""
    ended_at = outage.ended_at or at
    boot = Boot.objects.filter(station=outage.station).order_by("-used_at").first()
    if boot is None or boot.used_at < ended_at or at - ended_at > COUNTS_TELL:
        return None
    reports = (at - ended_at) / timedelta(seconds=outage.station.interval_s) + 1
    return bool(boot.seq <= reports * max(outage.station.fields.count(), 1) + SLACK)
