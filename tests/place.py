"""A server's data in a folder of its own, with manage.py run on it as a program."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from freetemp.backups.sqlite_file import check_integrity
from tests import preloaded

STATION, READINGS = 1, 80_001  # More than SQLite keeps in memory for a transaction.


class Place:
    """A VAR_DIR with its SQLite database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "freetemp.sqlite3"
        self.backups = folder / "backups"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.quick_logins",
            "VAR_DIR": str(folder),
            "DATABASE_URL": f"sqlite:///{self.database}",
        }

    def manage(self, *arguments: object, answer: str = "") -> subprocess.CompletedProcess[str]:
        """Run manage.py with typed input, and return the finished process with its output: sentences, no traceback."""
        done = self.run("manage.py", *arguments, answer=answer)
        assert "Traceback" not in done.stdout, done.stdout
        return done

    def run(self, *arguments: object, answer: str = "") -> subprocess.CompletedProcess[str]:
        return preloaded.run([*map(str, arguments)], self.environment, answer, together=True)

    def back_up(self) -> Path:
        """Make a backup and return the newest."""
        done = self.manage("backup")
        assert done.returncode == 0, done.stdout
        return max(self.backups.iterdir())

    def copy_to(self, folder: Path) -> Place:
        shutil.copytree(self.folder, folder)
        return Place(folder)

    def rename_station(self, name: str) -> None:
        with closing(sqlite3.connect(self.database)) as database, database:
            database.execute("UPDATE stations_station SET name = ?", [name])


def make_place(folder: Path, migrated: Path) -> Place:
    """Make a place with one station and more readings than SQLite keeps in memory, from an empty database."""
    place = Place(folder)
    folder.mkdir()
    shutil.copy(migrated, place.database)
    added = place.manage("add_station", "Garden", "--mac", "6c:ef:7f:3b:9d:e8")
    assert added.returncode == 0, added.stdout
    (folder / "old.csv").write_text("measured_at,temperature\n2026-06-01T12:00:00Z,21.4\n")
    imported = place.manage("import_readings", "Garden", folder / "old.csv")  # This makes rollups.
    assert imported.returncode == 0, imported.stdout
    with closing(sqlite3.connect(place.database)) as database, database:
        rows = ((STATION, 1, 60_000 * n, n / 7) for n in range(READINGS - 1))
        database.executemany(
            "INSERT INTO readings_reading (station_id, field, measured_at, value) VALUES (?, ?, ?, ?)", rows
        )
    return place


def everything_in(path: Path) -> list[str]:
    """Return all of a database as SQL, but for the event of its restore. Raises if it is damaged."""
    check_integrity(path)
    of_restore = ("'database restored'", """"sqlite_sequence" VALUES('audit_event'""")
    with closing(sqlite3.connect(path)) as database:
        return [line for line in database.iterdump() if not any(part in line for part in of_restore)]


def station_names(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return [name for (name,) in database.execute("SELECT name FROM stations_station")]
