"""The SQLite database as a file: finds it, opens it, and checks its integrity."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connection

from freetemp.backups.errors import BackupError

EVERY_LINE = 2_000_000_000  # For integrity_check: a hundred false complaints may stand before a true one.


def sqlite_path() -> Path:
    """Return the path of the server's database. With PostgreSQL, raise BackupError, which names the tools to use."""
    if connection.vendor != "sqlite":
        raise BackupError("This server's database is PostgreSQL: use pg_dump and pg_restore, as docs/deploy.md shows.")
    return Path(connection.settings_dict["NAME"])


def open_existing(path: Path) -> sqlite3.Connection:
    """Open a database that exists. By itself, SQLite would make an empty one under a wrong name."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=30)


def check_integrity(path: Path) -> None:
    """Raise sqlite3.DatabaseError if a file is not an SQLite database, or is damaged."""
    with closing(open_existing(path)) as database:
        lines = (line for (line,) in database.execute(f"PRAGMA integrity_check({EVERY_LINE})"))
        complaint = next((line for line in lines if line != "ok" and not _is_false_alarm(line)), None)
    if complaint is not None:
        error = sqlite3.DatabaseError(f"the integrity check says {complaint!r}")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _is_false_alarm(line: str) -> bool:
    """Tell whether SQLite 3.40, as in Debian 12, errs: it misreads WITHOUT ROWID rows if the key is not in front."""
    return line.startswith("NULL value in ") and (3, 40) <= sqlite3.sqlite_version_info < (3, 42)
