"""Copies the SQLite database while boards go on reporting.

SQLite's backup interface starts anew whenever another connection writes between two of its steps, so that on a busy
server it would not end. Here its connection holds a read transaction: the copy is the database of one moment, and under
WAL nobody waits for it; the -wal file grows meanwhile by what is written. VACUUM INTO would do too, but it rewrites
every row instead of copying pages, tells no progress, and may lose a damage that integrity_check finds in a true copy.
"""

import os
import re
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from tqdm import tqdm

PAGES_A_STEP = 1_000
NAME = re.compile(r"freetemp-\d{8}T\d{6}Z\.sqlite3")
EVERY_LINE = 2_000_000_000  # Of integrity_check: a hundred false ones may stand before a true one.
ABANDONED_AFTER_S = 3600  # A copy under way is written to all the time.


class Command(BaseCommand):
    help = (
        "Copy the SQLite database into a file of its own, while the server runs. docs/deploy.md has PostgreSQL's way."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, help="The folder for it (VAR_DIR/backups).")
        parser.add_argument("--keep", type=int, metavar="N", help="Delete all but the newest N in that folder.")

    def handle(self, *args: Any, **options: Any) -> None:
        source, folder, keep = sqlite_path(), options["to"] or settings.VAR_DIR / "backups", options["keep"]
        if keep is not None and keep < 1:
            raise CommandError("--keep takes a number from 1 on.")
        if not source.exists():
            raise CommandError(f"There is no database at {source} yet: manage.py prepare makes one.")
        try:
            path = self.back_up(source, folder)
            for old in sorted(backups_in(folder))[: -keep if keep else 0]:
                old.unlink()
        except sqlite3.Error as error:
            raise CommandError(f"The database cannot be copied: {error}. Earlier backups are as they were.") from error
        except OSError as error:
            raise CommandError(f"{error}. Once that is mended, run this again.") from error
        self.stdout.write(f"{path}: {path.stat().st_size / 1e6:.1f} MB, checked.")

    def back_up(self, source: Path, folder: Path) -> Path:
        """Copy the database into a new file of a folder, and return it once it is whole, checked and on the disk."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        remove_abandoned(folder)
        check_room(source, folder)
        path = folder / f"freetemp-{timestamp()}.sqlite3"
        with written_beside(path) as beside:
            with closing(open_existing(source)) as database:
                copy_pages(database, beside, "Copying")
            self.stdout.write("Checking the copy ...")
            check(beside)
        return path


def sqlite_path() -> Path:
    """Return the path of the server's database; with PostgreSQL, raise CommandError with what to use."""
    if connection.vendor != "sqlite":
        raise CommandError("This server's database is PostgreSQL: use pg_dump and pg_restore, as docs/deploy.md shows.")
    return Path(connection.settings_dict["NAME"])


def timestamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")


def backups_in(folder: Path) -> list[Path]:
    """Return what this command has made there, and nothing else: only that may be deleted."""
    return [path for path in folder.iterdir() if NAME.fullmatch(path.name)]


def remove_abandoned(folder: Path) -> None:
    """Delete what a killed backup left; one that still runs has written a moment ago."""
    for path in folder.glob("freetemp-*.sqlite3.partial"):
        if time.time() - path.stat().st_mtime > ABANDONED_AFTER_S:
            path.unlink()


def check_room(source: Path, folder: Path) -> None:
    needed, free = source.stat().st_size, shutil.disk_usage(folder).free
    if needed > free:
        raise CommandError(f"{folder} has room for {free / 1e6:.0f} MB, and a backup needs {needed / 1e6:.0f} MB.")


def open_existing(path: Path) -> sqlite3.Connection:
    """Open a database that is there: SQLite would make an empty one of a name that is wrong."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=30)


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """Yield a new file beside a path, for the owner alone; at the end it gets the name, or after an error is gone."""
    beside = path.with_name(f"{path.name}.partial")
    os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield beside
        force_to_disk(beside)
        beside.replace(path)
        force_to_disk(path.parent)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def force_to_disk(path: Path) -> None:
    """Return when a file, or a folder's names, would survive a power cut. Windows does so for names by itself."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def copy_pages(database: sqlite3.Connection, path: Path, sentence: str) -> None:
    """Copy a database as it is at this moment into a file that is empty, and leave it one file, without a -wal."""
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:
        copy.execute("PRAGMA synchronous=OFF")  # Until it is forced to disk as a whole, it counts for nothing.
        database.execute("BEGIN")
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()  # BEGIN alone would not fix the moment.
        try:
            copy_with_bar(database, copy, sentence)
        finally:
            database.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode=DELETE").fetchone()


def copy_with_bar(database: sqlite3.Connection, copy: sqlite3.Connection, sentence: str) -> None:
    with tqdm(desc=sentence, unit=" pages", file=sys.stderr, disable=None) as bar:

        def show(_status: int, remaining: int, total: int) -> None:
            bar.total = total
            bar.update(total - remaining - bar.n)

        database.backup(copy, pages=PAGES_A_STEP, progress=show, sleep=0)


def check(path: Path) -> None:
    """Raise sqlite3.DatabaseError where a file is no SQLite database, or is damaged."""
    with closing(open_existing(path)) as database:
        lines = (line for (line,) in database.execute(f"PRAGMA integrity_check({EVERY_LINE})"))
        complaint = next((line for line in lines if line != "ok" and not is_false_alarm(line)), None)
    if complaint is not None:
        raise sqlite3.DatabaseError(f"the integrity check says {complaint!r}")


def is_false_alarm(line: str) -> bool:
    """Tell whether SQLite 3.40, that of Debian 12, errs: it misreads rows WITHOUT ROWID whose key is not in front."""
    return line.startswith("NULL value in ") and (3, 40) <= sqlite3.sqlite_version_info < (3, 42)
