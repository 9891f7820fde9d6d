"""Stores what the reports of a group say of their boards."""

from __future__ import annotations

from collections.abc import Iterable

from readings.ingest.reports import Batch, SingleValue
from readings.models.board_state import BoardState, StartKey, Told
from readings.models.boot import BootKey, Reached
from stations.models import Holder

EVERY_MS = 300_000  # A row is written so often, unless there is news: writing it costs as much as a reading.


def keep_told(
    reports: Iterable[tuple[SingleValue | Batch, Holder]], boots: dict[BootKey, Reached], now_ms: int
) -> None:
    """Write what reports say of their boards where it is news, or due. Their boots then know when it was written."""
    due: dict[StartKey, Told] = {}
    new = set()
    for report, holder in reports:
        if not isinstance(report, Batch) or report.boot is None or report.board is None:
            continue
        boot, told = (holder.station, report.boot), report.board
        start, reached = (*boot, told.start), boots.get(boot, Reached())
        is_known = bool(reached.told_ms) and reached.told_start == told.start
        if start not in due and is_known and _may_wait(told, reached.told_ms, now_ms):
            continue
        due[start] = told.after(due[start]) if start in due else told
        boots[boot] = reached._replace(told_start=told.start, told_ms=now_ms)
        if not is_known:
            new.add(start)
    if due:
        BoardState.objects.keep(due, new, now_ms)


def _may_wait(told: Told, written_ms: int, now_ms: int) -> bool:
    is_news = told.reset_cause is not None or told.failed
    return not is_news and written_ms <= now_ms < written_ms + EVERY_MS
