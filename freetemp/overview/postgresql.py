"""The condition of a PostgreSQL that several nodes may share, as one of them sees it."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from freetemp.clock import OTHER_MS, database_clock
from freetemp.overview.concerns import Concern, Survey, Urgency
from freetemp.sql import execute
from freetemp.sql.waits import hung

APART_MS = 5 * OTHER_MS
# Whoever may not see the state of standbys sees that there are some.
_ASKED = (
    "SELECT current_setting('synchronous_standby_names') <> '' AND NOT EXISTS (SELECT FROM pg_stat_replication),"
    " (SELECT last_failed_time > coalesce(last_archived_time, '-infinity') FROM pg_stat_archiver)"
)


def postgresql_concerns(survey: Survey) -> Iterator[Concern | None]:
    """Yield what is wrong between this node, PostgreSQL and its standbys."""
    if connection.vendor != "postgresql":
        return
    yield _clocks(database_clock.ahead_ms)
    ((has_no_standby, archive_fails),) = execute(_ASKED, []).returned
    yield _standby() if has_no_standby or hung.count() else None
    yield _archive() if archive_fails else None


def _clocks(ahead_ms: int) -> Concern | None:
    if abs(ahead_ms) < APART_MS:
        return None
    return Concern(
        "node",
        Urgency.SOON,
        f"This node's clock is {abs(ahead_ms) // 1000} s {'behind' if ahead_ms > 0 else 'ahead of'} PostgreSQL's",
        "Reports are dated by PostgreSQL's, but pages and messages of this node are not: see why NTP does not set one "
        "of the two (docs/scale-out.md).",
    )


def _standby() -> Concern:
    return Concern(
        "standby",
        Urgency.NOW,
        "PostgreSQL waits for a standby",
        "Commits wait for a standby that is not there or hangs: boards get 503, and keep their readings. Bring one "
        "back, or let PostgreSQL go on without (docs/scale-out.md).",
    )


def _archive() -> Concern:
    return Concern(
        "archive",
        Urgency.SOON,
        "PostgreSQL's archive has failed",
        "The last file of its log could not be archived, so a backup does not get on, and its disk fills: see "
        "PostgreSQL's own log.",
    )
