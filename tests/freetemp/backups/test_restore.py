"""`manage.py restore` accepts only an intact backup, asks, keeps the old database, and loses no reading answered OK."""

import re
import sqlite3
from contextlib import closing

import pytest

from freetemp.backups import restore
from freetemp.backups.errors import BackupError
from freetemp.backups.progress import Progress
from tests.place import READINGS, everything_in, station_names
from tests.server import Server

pytestmark = pytest.mark.sqlite_only

# Runs the real command, which is killed in the middle of overwriting the database.
DIE_HALFWAY = """
import os, signal, sys
import django
from django.core.management import call_command
django.setup()
from freetemp.backups import copy, progress
copy.PAGES_A_STEP = 1
class Bar(progress.tqdm):
    def __init__(self, desc, **options):
        super().__init__(**options)
        self.pages_left = os.path.getsize(sys.argv[1]) // 4096 - 9 if desc == "Restoring" else 1_000_000
    def update(self, n=1):
        self.pages_left -= 1
        if not self.pages_left:
            os.kill(os.getpid(), signal.SIGKILL)
progress.tqdm = Bar
call_command("restore", sys.argv[1], yes=True)
"""


def change(path, statement):
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement)


def replaced(place):
    return [path for path in place.folder.iterdir() if ".replaced-" in path.name]


def test_what_was_there_is_kept_beside(place, file):
    place.rename_station("Roof")
    before = everything_in(place.database)
    done = place.manage("restore", file, answer="y\n")
    assert done.returncode == 0, done.stdout
    assert station_names(place.database) == ["Garden"]
    (kept,) = replaced(place)
    assert everything_in(kept) == before
    assert str(kept) in done.stdout


@pytest.mark.parametrize("answer", ["", "\n", "n\n"])
def test_without_a_yes_nothing_changes(place, file, answer):
    place.rename_station("Roof")
    done = place.manage("restore", file, answer=answer)
    assert (done.returncode, "Nothing was changed" in done.stdout) == (1, True)
    assert (station_names(place.database), replaced(place)) == (["Roof"], [])


def test_a_database_that_somebody_has_open_is_not_replaced(place, file):
    place.rename_station("Roof")
    with closing(sqlite3.connect(place.database)) as server:
        server.execute("PRAGMA journal_mode=WAL")
        server.execute("SELECT count(*) FROM stations_station").fetchone()
        done = place.manage("restore", file, "--yes")
    assert done.returncode == 1
    assert "The database is in use (database is locked): stop the server" in done.stdout
    assert (station_names(place.database), replaced(place)) == (["Roof"], [])


def test_a_database_that_is_locked_is_in_use_and_not_beyond_reading(place, file, monkeypatch):
    """A file that is set aside while a program writes to it would take all further readings along."""
    monkeypatch.setattr(restore, "open_existing", lambda path: sqlite3.connect(path, isolation_level=None, timeout=0))
    with closing(sqlite3.connect(place.database, isolation_level=None)) as server:
        server.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BackupError, match="The database is in use"):
            restore.replace_database(place.database, file, Progress(print))
    assert replaced(place) == []
    assert everything_in(place.database) == everything_in(file)


def test_a_restore_that_is_killed_leaves_what_was_there(place, file):
    place.rename_station("Roof")
    change(place.database, "UPDATE readings_reading SET value = value + 1")
    before = everything_in(place.database)
    killed = place.run("-c", DIE_HALFWAY, file)
    assert killed.returncode == -9, killed.stdout
    assert place.database.with_name("freetemp.sqlite3-journal").stat().st_size > 0  # It was writing.
    assert everything_in(place.database) == before
    assert place.manage("restore", file, "--yes").returncode == 0
    assert everything_in(place.database) == everything_in(file)


def test_a_database_beyond_reading_is_set_aside(place, file):
    place.database.write_bytes(b"a card that has seen better days" * 999)
    done = place.manage("restore", file, "--yes")
    assert done.returncode == 0, done.stdout
    assert "What was there cannot be read" in done.stdout
    assert everything_in(place.database) == everything_in(file)
    assert replaced(place)[0].read_bytes().startswith(b"a card")


def test_a_backup_of_a_later_freetemp_is_refused_and_of_an_earlier_one_says_what_is_next(place, file):
    change(file, "DELETE FROM django_migrations WHERE app = 'admin' AND name LIKE '0003%'")
    assert (
        "start that one, or run `python manage.py prepare` before this one"
        in place.manage("restore", file, "--yes").stdout
    )
    change(file, "INSERT INTO django_migrations (app, name, applied) VALUES ('readings', '9999_later', '2036-01-01')")
    done = place.manage("restore", file, "--yes")
    assert (done.returncode, "is of a later freetemp, with readings.9999_later" in done.stdout) == (1, True)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is a database, but not freetemp's"),
        (b"not a database at all" * 500, "is no whole SQLite database: file is not a database"),
        (None, "There is no file"),
    ],
)
def test_a_file_that_is_not_a_backup_is_refused(place, tmp_path, content, sentence):
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)
    done = place.manage("restore", file, "--yes")
    assert (done.returncode, sentence in done.stdout) == (1, True), done.stdout
    assert replaced(place) == []


def test_a_damaged_backup_is_refused(place, file):
    with file.open("r+b") as damaged:
        damaged.seek(200 * 4096)
        damaged.write(b"\xff" * 4096)
    done = place.manage("restore", file, "--yes")
    assert (done.returncode, "is no whole SQLite database" in done.stdout) == (1, True), done.stdout


def test_the_database_itself_is_no_backup(place):
    assert "is the server's database itself" in place.manage("restore", place.database, "--yes").stdout


@pytest.mark.django_db(transaction=True)
def test_a_server_that_has_answered_a_board_is_in_the_way_and_one_that_has_not_goes_on_with_the_restored(
    place, tmp_path
):
    added = place.manage("add_station", "Roof", "--mac", "02:00:00:00:00:01").stdout
    path = f"/update/API_key={re.search(r'key (.+)', added)[1]}/mac=02:00:00:00:00:01/field=1/data=21.4"
    file = place.back_up()
    change(place.database, "DELETE FROM readings_reading")
    own = {name: place.environment[name] for name in ("DATABASE_URL", "VAR_DIR")}
    with Server(tmp_path / "log", **own) as server:
        restored = place.manage("restore", file, "--yes")
        assert restored.returncode == 0, restored.stdout
        assert server.send(f"GET {path} HTTP/1.0\r\n\r\n".encode())[2] == b"OK"
        assert "The database is in use" in place.manage("restore", file, "--yes").stdout
    with closing(sqlite3.connect(place.database)) as database:
        assert database.execute("SELECT count(*) FROM readings_reading").fetchone() == (READINGS + 1,)
