"""Commands on a full or read-only disk end with what to do next. SQLite's own errors are met, not made up."""

import errno
import os
import sqlite3
from contextlib import closing, contextmanager
from importlib import import_module

import pytest
from django.core.management import CommandError, call_command
from django.db import InterfaceError, OperationalError, connection

from freetemp.command import BaseCommand, remedy
from stations.models import Station
from tests import preloaded
from tests.server import ROOT

pytestmark = pytest.mark.django_db

ADD = ["add_station", "Pond", "--mac", "0a:00:00:00:00:01"]


@contextmanager
def pragma(name, value, after):
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name} = {value}")
        try:
            yield cursor
        finally:
            cursor.execute(f"PRAGMA {name} = {after}")


@pytest.fixture
def full():
    """A database that cannot grow by a page, and has no room in those that it has."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE filler (x)")
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
    with pragma("max_page_count", pages, 2**31 - 2) as cursor:
        for size in (2_000, 100, 1):
            with pytest.raises(OperationalError, match="full"):
                cursor.executemany("INSERT INTO filler VALUES (zeroblob(%s))", [(size,)] * 100_000)
        yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE filler")


@pytest.fixture
def read_only():
    with pragma("query_only", "ON", "OFF"):
        yield


@pytest.mark.sqlite_only
@pytest.mark.parametrize("arguments", [ADD, ["load_demo"]], ids=["add_station", "load_demo"])
def test_a_command_on_a_read_only_disk_says_what_to_do(read_only, arguments):
    with pytest.raises(CommandError, match=r"cannot be written: see whether it belongs .* Then run this again"):
        call_command(*arguments)


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
def test_a_station_that_does_not_fit_on_the_disk_is_not_half_there(full):
    def add(*numbers):
        for n in numbers:
            call_command("add_station", f"Pond {n}" + "x" * 60, "--mac", f"0a:00:00:00:00:{n:02x}")

    with pytest.raises(CommandError, match=r"is full: make room, old backups and logs go first. Then run this again"):
        add(*range(100))
    assert all(station.fields.count() == station.keys.count() == 1 for station in Station.objects.all())


@pytest.mark.sqlite_only
def test_a_folder_that_cannot_be_written_ends_a_command_with_a_sentence(tmp_path):
    """Without a database file in it, SQLite cannot even begin. As root, a missing folder is the same to it."""
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path}/absent/freetemp.sqlite3",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    done = preloaded.run(["manage.py", *ADD], environment)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
    assert "cannot be written: see whether" in done.stderr


@pytest.mark.sqlite_only
def test_a_command_before_prepare_says_so(tmp_path):
    with closing(sqlite3.connect(tmp_path / "empty.sqlite3")):
        environment = os.environ | {
            "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3",
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        }
        done = preloaded.run(["manage.py", *ADD], environment)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
    assert "run `python manage.py prepare`, then this again" in done.stderr


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OperationalError("database or disk is full"), "is full: make room"),
        (OperationalError('could not extend file "base/1": No space left on device'), "is full: make room"),
        (OperationalError("attempt to write a readonly database"), "cannot be written"),
        (OperationalError("unable to open database file"), "cannot be written"),
        (OperationalError("database is locked"), "Run this again in a minute"),
        (OperationalError("no such table: stations_station"), "run `python manage.py prepare`"),
        (OperationalError("connection refused\n\tIs the server running?"), "connection refused Is the server running?"),
        (InterfaceError("connection already closed"), "connection already closed"),
        (OSError(errno.ENOSPC, "No space left on device", "/srv/x"), "The disk of /srv/x is full"),
        (OSError(errno.EROFS, "Read-only file system", "/srv/x"), "/srv/x cannot be written"),
        (PermissionError(errno.EACCES, "Permission denied", "/srv/x"), "/srv/x cannot be written"),
    ],
)
def test_each_error_has_its_remedy_in_one_line(error, words):
    assert words in remedy(error)
    assert "\n" not in remedy(error)


@pytest.mark.parametrize("error", [ValueError("a fault of ours"), ConnectionRefusedError(111, "refused")])
def test_another_error_is_not_hidden(error):
    class Command(BaseCommand):
        def handle(self, **options):
            raise error

    assert remedy(error) is None
    with pytest.raises(type(error)):
        call_command(Command())


def test_every_command_of_ours_is_of_this_base():
    for path in ROOT.glob("*/management/commands/[a-z]*.py"):
        if path.stem == "check":
            continue  # It is Django's own, with one more line.
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        assert issubclass(module.Command, BaseCommand), path
