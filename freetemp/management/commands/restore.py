"""Puts a backup in the place of the SQLite database.

The database is overwritten through SQLite, in one transaction, and not by a file with its name: whatever still has the
old file open would write into it, answer OK, and nobody would ever see that reading. A restore that is killed is rolled
back by the next start.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from freetemp.management.commands import backup

OURS = {"django_migrations", "stations_station", "readings_reading"}
WAIT_S = 1


class Command(BaseCommand):
    help = "Replace the SQLite database by a backup, and keep what was there beside it. Stop the server first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="A file that manage.py backup has made.")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")

    def handle(self, *args: Any, **options: Any) -> None:
        path, file = backup.sqlite_path(), options["file"]
        connection.close()  # Django's own, of this process, would stand in the way.
        has_pending = self.examine(file, path)
        if path.exists() and not options["yes"] and not self.is_sure(path, file):
            raise CommandError("Nothing was changed.")
        try:
            self.restore(file, path)
        except sqlite3.Error as error:
            raise CommandError(f"The database cannot be replaced: {error}. It is as it was.") from error
        except OSError as error:
            raise CommandError(f"{error}. The database is as it was.") from error
        self.stdout.write(f"{path} is now what {file} holds.")
        if has_pending:
            self.stdout.write("The backup is of an earlier freetemp: run manage.py prepare before the server starts.")

    def examine(self, file: Path, path: Path) -> bool:
        """Raise CommandError for what is no backup, or one of a later freetemp; tell whether migrations are missing."""
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        if path.exists() and file.samefile(path):
            raise CommandError(f"{file} is the server's database itself.")
        self.stdout.write("Checking the backup ...")
        try:
            backup.check(file)
            applied = applied_migrations(file)
        except sqlite3.Error as error:
            raise CommandError(f"{file} is no whole SQLite database: {error}. Take another backup.") from error
        known = known_migrations()
        if unknown := sorted(".".join(migration) for migration in applied - known):
            raise CommandError(f"{file} is of a later freetemp, with {unknown[0]}: upgrade the code first.")
        return not known <= applied

    def is_sure(self, path: Path, file: Path) -> bool:
        self.stdout.write(f"This replaces {path} by {file}, and keeps what is there beside it.")
        try:
            return input("Go on? [y/N]: ").strip().lower() in ("y", "yes")
        except EOFError:
            return False

    def restore(self, file: Path, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = path.with_name(f"{path.name}.replaced-{backup.timestamp()}")
        if not is_readable(path):
            set_aside(path, kept)
            self.stdout.write(f"What was there cannot be read. It is {kept} now.")
        has_database = path.exists() and path.stat().st_size > 0
        with closing(open_alone(path)) as database, closing(backup.open_existing(file)) as source:
            if has_database:
                with backup.written_beside(kept) as beside:
                    backup.copy_pages(database, beside, "Keeping what was there")
                self.stdout.write(f"What was there is {kept} now: delete it when all is well.")
            backup.copy_with_bar(source, database, "Restoring")


def applied_migrations(file: Path) -> set[tuple[str, str]]:
    """Return the migrations that a backup has, as app and name."""
    with closing(backup.open_existing(file)) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables >= OURS:
            raise CommandError(f"{file} is a database, but not freetemp's.")
        return set(database.execute("SELECT app, name FROM django_migrations"))


def known_migrations() -> set[tuple[str, str]]:
    loader = MigrationLoader(None)
    squashed = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    return set(loader.disk_migrations) | squashed


def is_readable(path: Path) -> bool:
    """Tell whether SQLite takes a file for a database, or would make one there; one that another has locked is."""
    if not path.exists():
        return True
    try:
        with closing(backup.open_existing(path)) as database:
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        return True
    except sqlite3.DatabaseError:
        return False
    return True


def set_aside(path: Path, kept: Path) -> None:
    """Rename a database that is beyond reading, with its -wal and -shm: somebody may still save something of it."""
    for suffix in ("-wal", "-shm", ""):
        if (part := path.with_name(path.name + suffix)).exists():
            part.rename(kept.with_name(kept.name + suffix))


def open_alone(path: Path) -> sqlite3.Connection:
    """Open the database so that no one else can until it is closed; raise CommandError where somebody has it open.

    A server opens it for the first board or page, and keeps it open. One that has only just started goes on with the
    restored database.
    """
    path.touch(mode=0o600)
    database = backup.open_existing(path)
    try:
        database.execute(f"PRAGMA busy_timeout={WAIT_S * 1000}")
        database.execute("PRAGMA journal_mode=DELETE").fetchone()  # Out of WAL is let only who is alone.
        database.execute("PRAGMA locking_mode=EXCLUSIVE").fetchone()
        database.execute("BEGIN EXCLUSIVE")
        database.execute("COMMIT")  # The lock stays.
    except sqlite3.OperationalError as error:
        database.close()
        raise CommandError(
            f"The database is in use ({error}): stop the server (systemctl stop freetemp), then run this again."
        ) from error
    return database
