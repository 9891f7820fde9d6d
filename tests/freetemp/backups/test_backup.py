"""`manage.py backup` copies the database of one moment while boards report, and never harms an earlier copy."""

import os
import sqlite3
import stat
import threading
import time
from contextlib import closing

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.place import READINGS, STATION, Place, everything_in

# Runs the real command, which kills itself at the first call of one of its parts.
DIE_AT = """
import os, signal, sys
import django
from django.core.management import call_command
django.setup()
from pkgutil import resolve_name
owner, _, name = sys.argv[1].rpartition(".")
setattr(resolve_name(owner), name, lambda *args, **options: os.kill(os.getpid(), signal.SIGKILL))
call_command("backup", keep=1)
"""


class Writer(threading.Thread):
    """Stores one reading after another, each durable before the next, as boards do."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place, self.stored, self.is_asked_to_stop = place, 0, False

    def run(self) -> None:
        with closing(sqlite3.connect(self.place.database, isolation_level=None, timeout=4)) as database:
            database.execute("PRAGMA journal_mode=WAL")
            while not self.is_asked_to_stop:
                row = (STATION, 2, self.stored, float(self.stored))
                database.execute("INSERT INTO readings_reading VALUES (?, ?, ?, ?)", row)
                self.stored += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc):
        self.is_asked_to_stop = True
        self.join()


@pytest.mark.sqlite_only
def test_what_is_restored_elsewhere_is_all_that_was_stored_when_the_backup_began(place, tmp_path):
    with Writer(place) as writer:
        while writer.stored < 100:
            time.sleep(0.01)
        before = writer.stored
        file = place.back_up()
        assert writer.stored > before + 100  # Boards did not wait for the copy.
    elsewhere = Place(tmp_path / "elsewhere")
    restored = elsewhere.manage("restore", file)
    assert restored.returncode == 0, restored.stdout
    assert everything_in(elsewhere.database) == everything_in(file)
    was, now = (everything_in(each.database) for each in (place, elsewhere))
    assert not set(now) - set(was)
    with closing(sqlite3.connect(elsewhere.database)) as database:
        assert database.execute("SELECT count(*) FROM readings_reading WHERE field = 1").fetchone() == (READINGS,)
        written = [n for (n,) in database.execute("SELECT measured_at FROM readings_reading WHERE field = 2")]
    assert written == list(range(len(written)))  # The copy is of one moment, and no reading is missing.
    assert before <= len(written) <= writer.stored


@pytest.mark.sqlite_only
def test_a_backup_is_one_file_for_its_owner_alone(place):
    file = place.back_up()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.sqlite_only
def test_keep_deletes_the_oldest_and_nothing_of_anybody_else(place):
    place.backups.mkdir()
    own = [place.backups / f"freetemp-2026010{n}T000000Z.sqlite3" for n in range(1, 5)]
    others = [place.backups / name for name in ("before-the-move.sqlite3", "freetemp-20260101T000000Z.sqlite3.gz")]
    for path in [*own, *others]:
        path.write_text("old")
    assert place.manage("backup", "--keep", 2).returncode == 0
    left = set(place.backups.iterdir())
    assert left > {own[3], *others}
    assert len(left) == 4


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "moment", ["copy.copy_pages", "progress.tqdm.update", "copy.check_integrity", "durable_file.force_to_disk"]
)
def test_a_backup_that_is_killed_leaves_the_last_good_one(place, file, moment):
    killed = place.run("-c", DIE_AT, f"freetemp.backups.{moment}")
    assert killed.returncode == -9, killed.stdout
    assert [path for path in place.backups.iterdir() if path.suffix == ".sqlite3"] == [file]
    assert everything_in(file) == everything_in(place.database)
    assert place.manage("backup", "--keep", 1).returncode == 0


@pytest.mark.sqlite_only
def test_what_a_killed_backup_left_is_deleted_once_it_is_surely_abandoned(place):
    place.backups.mkdir()
    fresh, old = (place.backups / f"freetemp-2026010{n}T000000Z.sqlite3.partial" for n in (1, 2))
    fresh.touch()
    old.touch()
    os.utime(old, (time.time() - 7_200,) * 2)
    place.back_up()
    assert (fresh.exists(), old.exists()) == (True, False)


@pytest.mark.sqlite_only
def test_a_damaged_database_is_told_and_leaves_no_file(place, file):
    with place.database.open("r+b") as damaged:
        damaged.seek(200 * 4096)
        damaged.write(b"\xff" * 4096)
    done = place.manage("backup", "--keep", 1)
    assert done.returncode == 1
    assert "The database cannot be copied: " in done.stdout  # by the check, or by an unreadable page
    assert list(place.backups.iterdir()) == [file]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--keep", "0"], "--keep takes a number from 1 on"),
        (["--to", "/proc/nowhere"], "Once that is mended, run this again"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(place, arguments, sentence):
    done = place.manage("backup", *arguments)
    assert (done.returncode, done.stdout.count("\n")) == (1, 1)
    assert sentence in done.stdout


@pytest.mark.sqlite_only
def test_without_a_database_none_is_made(tmp_path):
    done = Place(tmp_path).manage("backup")
    assert "There is no database at" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("command", [["backup"], ["restore", "some.sqlite3"]])
def test_postgresql_is_backed_up_with_its_own_programs(command):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite is what these commands are for")
    with pytest.raises(CommandError, match="use pg_dump and pg_restore"):
        call_command(*command)
