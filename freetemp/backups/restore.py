"""Puts a backup in the place of the SQLite database.

The database is overwritten through SQLite, in one transaction, and not replaced by a new file. A program that still has
the old file open would otherwise write into it and answer OK, and nobody would ever see that reading. If a restore is
killed, the next start rolls it back.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connection

from freetemp import damage
from freetemp.backups.copy import copy_pages, copy_steps
from freetemp.backups.durable_file import written_beside
from freetemp.backups.errors import BackupError
from freetemp.backups.folder import timestamp
from freetemp.backups.progress import Progress
from freetemp.backups.sqlite_file import check_integrity, open_existing
from freetemp.migration_state import Migrations, known_migrations

OURS = {"django_migrations", "stations_station", "readings_reading"}
WAIT_S = 1


def is_of_an_earlier_freetemp(file: Path, path: Path) -> bool:
    """Tell whether a backup lacks migrations of this code.

    Raises BackupError if the file is not a whole backup, is of a later freetemp, or is the database at `path` itself.
    """
    if not file.is_file():
        raise BackupError(f"There is no file {file}.")
    if path.exists() and file.samefile(path):
        raise BackupError(f"{file} is the server's database itself.")
    try:
        check_integrity(file)
        applied = _applied_migrations(file)
    except sqlite3.Error as error:
        raise BackupError(f"{file} is no whole SQLite database: {error}. Take another backup.") from error
    known = known_migrations()
    if unknown := sorted(".".join(migration) for migration in applied - known):
        raise BackupError(f"{file} is of a later freetemp, with {unknown[0]}: upgrade the code first.")
    return not known <= applied


def replace_database(path: Path, file: Path, progress: Progress) -> None:
    """Replace the database at `path` by a backup, and keep the old one beside it. Raises BackupError."""
    connection.close()  # Django's own connection in this process would stand in the way.
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _overwrite(path, file, progress)
        damage.forget()
    except sqlite3.Error as error:
        raise BackupError(f"The database cannot be replaced: {error}. It is as it was.") from error
    except OSError as error:
        raise BackupError(f"{error}. The database is as it was.") from error


def _overwrite(path: Path, file: Path, progress: Progress) -> None:
    kept = path.with_name(f"{path.name}.replaced-{timestamp()}")
    if not _is_readable(path):
        _set_aside(path, kept)
        progress.say(f"What was there cannot be read. It is {kept} now.")
    has_database = path.exists() and path.stat().st_size > 0
    with closing(_open_alone(path)) as database, closing(open_existing(file)) as source:
        if has_database:
            with written_beside(kept) as beside, progress.pages("Keeping what was there") as show:
                copy_pages(database, beside, show)
            progress.say(f"What was there is {kept} now: delete it when all is well.")
        with progress.pages("Restoring") as show:
            copy_steps(source, database, show)


def _applied_migrations(file: Path) -> Migrations:
    """Return the migrations that are applied in a backup."""
    with closing(open_existing(file)) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables >= OURS:
            raise BackupError(f"{file} is a database, but not freetemp's.")
        return frozenset(database.execute("SELECT app, name FROM django_migrations"))


def _is_readable(path: Path) -> bool:
    """Tell whether SQLite can read a database at a path, or make one there. A locked database counts as readable."""
    if not path.exists():
        return True
    try:
        with closing(open_existing(path)) as database:
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        return True
    except sqlite3.DatabaseError:
        return False
    return True


def _set_aside(path: Path, kept: Path) -> None:
    """Rename an unreadable database with its -wal and -shm: somebody may still save some of its data."""
    for suffix in ("-wal", "-shm", ""):
        if (part := path.with_name(path.name + suffix)).exists():
            part.rename(kept.with_name(kept.name + suffix))


def _open_alone(path: Path) -> sqlite3.Connection:
    """Open the database so that nobody else can until it is closed. Raise BackupError if it is open elsewhere.

    A server opens it for the first board or page, and keeps it open. A server that has only just started goes on with
    the restored database.
    """
    path.touch(mode=0o600)
    database = open_existing(path)
    try:
        database.execute(f"PRAGMA busy_timeout={WAIT_S * 1000}")
        database.execute("PRAGMA journal_mode=DELETE").fetchone()  # Only a sole connection may leave WAL.
        database.execute("PRAGMA locking_mode=EXCLUSIVE").fetchone()
        database.execute("BEGIN EXCLUSIVE")
        database.execute("COMMIT")  # The lock stays.
    except sqlite3.OperationalError as error:
        database.close()
        raise BackupError(
            f"The database is in use ({error}): stop the server (systemctl stop freetemp), then run this again."
        ) from error
    return database
