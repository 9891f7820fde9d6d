"""The copy of the database that is taken before an upgrade changes it, as a way back.

Its name differs from a daily backup's: `backup --keep` does not delete it, and it does not count as today's backup.
"""

from __future__ import annotations

from pathlib import Path

from django.db import connection

from freetemp.backups.copy import back_up
from freetemp.backups.folder import SNAPSHOT, usual_folder
from freetemp.backups.progress import Progress
from freetemp.migration_state import pending_migrations

NO_SNAPSHOT_OF_POSTGRESQL = "No snapshot is taken of PostgreSQL: pg_dump makes one, as docs/upgrade.md shows."


def take_snapshot(progress: Progress) -> Path | None:
    """Copy a database that migrations are about to change, and return the copy, or None if there is nothing to copy.

    Raises BackupError; nothing has been changed then.
    """
    if not (connection.introspection.table_names() and pending_migrations()):
        return None
    if connection.vendor != "sqlite":
        progress.say(NO_SNAPSHOT_OF_POSTGRESQL)
        return None
    progress.say("Taking a snapshot of the database before it is upgraded ...")
    return back_up(usual_folder(), progress, SNAPSHOT)
