"""Copies the SQLite database while boards go on reporting.

SQLite's backup interface starts again whenever another connection writes between two of its steps, so it would never
finish on a busy server. Here its connection holds a read transaction. The copy is the database at one moment, and under
WAL nobody waits for it; the -wal file grows in the meantime by all that is written. VACUUM INTO would also work, but it
rewrites every row instead of copying pages, reports no progress, and may lose damage that integrity_check finds in a
true copy.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from freetemp import damage
from freetemp.backups.durable_file import written_beside
from freetemp.backups.errors import BackupError
from freetemp.backups.folder import DAILY, check_room, remove_abandoned, timestamp
from freetemp.backups.progress import Progress, Show
from freetemp.backups.sqlite_file import check_integrity, open_existing, sqlite_path

PAGES_A_STEP = 1_000


def back_up(folder: Path, progress: Progress, prefix: str = DAILY) -> Path:
    """Copy the server's database into a new file in a folder, and return it once it is whole, checked and on the disk.

    Raises BackupError. The file's name is the prefix and the moment.
    """
    source = sqlite_path()
    if not source.exists():
        raise BackupError(f"There is no database at {source} yet: `python manage.py prepare` makes one.")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        remove_abandoned(folder)
        check_room(source, folder)
        return _copy_checked(source, folder / f"{prefix}-{timestamp()}.sqlite3", progress)
    except sqlite3.Error as error:
        damage.note(error)
        raise BackupError(f"The database cannot be copied: {error}. Earlier backups are as they were.") from error
    except OSError as error:
        raise BackupError(f"{error}. Once that is mended, run this again.") from error


def _copy_checked(source: Path, path: Path, progress: Progress) -> Path:
    with written_beside(path) as beside:
        with closing(open_existing(source)) as database, progress.pages("Copying") as show:
            copy_pages(database, beside, show)
        progress.say("Checking the copy ...")
        check_integrity(beside)
        damage.forget()
    return path


def copy_pages(database: sqlite3.Connection, path: Path, show: Show) -> None:
    """Copy a database, as it is at this moment, into an empty file. The result is a single file, without a -wal."""
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:
        copy.execute("PRAGMA synchronous=OFF")  # The copy counts for nothing until it is forced to disk as a whole.
        database.execute("BEGIN")
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()  # BEGIN alone would not fix the moment.
        try:
            copy_steps(database, copy, show)
        finally:
            database.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode=DELETE").fetchone()


def copy_steps(source: sqlite3.Connection, target: sqlite3.Connection, show: Show) -> None:
    """Copy every page from one open database into another, and show the progress after each step."""

    def tell(_status: int, remaining: int, total: int) -> None:
        show(total - remaining, total)

    source.backup(target, pages=PAGES_A_STEP, progress=tell, sleep=0)
