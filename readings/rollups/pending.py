"""Rollups made anew where what counts has changed: in chunks, while boards report, and after a power cut too."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from freetemp.background import do_at_last, in_background, try_to
from readings.calendar.span import DAY_MS
from readings.models import Pending
from readings.rollups.first_quantities import give_quantities
from readings.rollups.rebuild import known_span, rebuild
from stations.models import Station

# SQLite has one writer, and who waits for it looks again after up to 100 ms: without a pause, no board would get in.
PAUSE_S, MANY_CHUNKS = 0.1, 8
AT_ONCE_MS = 100 * DAY_MS  # About a third of a second with a reading a minute: a person waits for that.

FAILURE = "The summaries of corrected readings could not be made anew"

logger = logging.getLogger(__name__)


def follow_pending(station: int | None = None, progress: Callable[[float], Any] = lambda part: None) -> int:
    """Make the rollups anew that are pending, of one station or of all, and return how many there are that differed.

    `progress` gets each chunk's share of the work. Repeating it is harmless: what was interrupted is still pending.
    """
    rows, differences = _pending(station), 0
    for row in rows:
        differences += len(_follow(row, lambda part: progress(part / len(rows))))
    return differences


def _pending(station: int | None) -> Sequence[Pending]:
    rows = Pending.objects.order_by("pk")
    return list(rows if station is None else rows.filter(station=station))


def _follow(row: Pending, progress: Callable[[float], Any]) -> Sequence[Any]:
    done = 0.0

    def tell(part: float) -> None:
        nonlocal done
        done += part
        Pending.objects.filter(pk=row.pk).update(done=min(done, 1.0))
        progress(part)
        if part * MANY_CHUNKS < 1:
            time.sleep(PAUSE_S)

    station = Station.objects.filter(pk=row.station_id).first()
    differences = rebuild(station, [row.field], row.span, progress=tell) if station else []
    Pending.objects.filter(pk=row.pk).delete()
    return differences


def follow_soon(station: int) -> None:
    """Make a station's rollups anew before this returns if that takes a moment, and otherwise in the background.

    Call it once the transaction that changed what counts is over.
    """
    if sum(_length_ms(row) for row in _pending(station)) <= AT_ONCE_MS:
        follow_pending(station)
    else:
        in_background("corrections", partial(try_to, partial(follow_pending, station), FAILURE))


def _length_ms(row: Pending) -> int:
    known = known_span(row.station_id, row.field)
    return max(0, min(row.end_ms, known.end_ms) - max(row.start_ms, known.start_ms)) if known else 0


def follow_pending_in_background() -> None:
    """Let a server that starts do what an earlier one could not finish, or did not know: quantities."""
    in_background("corrections", partial(do_at_last, _follow_all, FAILURE))


def _follow_all() -> None:
    for sentence in give_quantities():
        logger.info(sentence)
    follow_pending()
