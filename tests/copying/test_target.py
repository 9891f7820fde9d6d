"""Databases that a copy refuses, because they are for something else."""

import sqlite3
from contextlib import closing

import pytest
from django.core.management import CommandError, call_command

from freetemp.copying.errors import CopyError
from freetemp.copying.source import Source
from freetemp.copying.tables import all_tables
from freetemp.copying.target import NOTES, Target, connect
from tests.copying.conftest import connected

pytestmark = pytest.mark.sqlite_only


def look(url):
    with connected(url) as connection:
        return Target(connection).look("mine", all_tables())


def test_an_empty_database_is_taken(make_target):
    assert look(make_target()) is False


def test_one_that_is_only_made_is_taken(make_target):
    url = make_target()
    with connected(url) as database:
        database.execute("CREATE TABLE stations_station (id int)")
    assert look(url) is False


@pytest.mark.parametrize(
    ("statements", "sentence"),
    [
        ("CREATE TABLE invoices (id int)", "tables of another program, such as invoices"),
        (
            "CREATE TABLE auth_user (id int); INSERT INTO auth_user VALUES (1)",
            r"rows of a freetemp already \(auth_user",
        ),
        (
            f"CREATE TABLE {NOTES} (name text, told jsonb); INSERT INTO {NOTES} VALUES ('source', '\"theirs\"')",  # noqa: S608
            "unfinished copy of another server",
        ),
    ],
)
def test_one_that_is_in_use_is_refused(make_target, statements, sentence):
    url = make_target()
    with connected(url) as database:
        database.execute(statements)
    with pytest.raises(CopyError, match=sentence):
        look(url)


def test_one_that_cannot_hold_every_text_is_refused(make_target):
    with pytest.raises(CopyError, match="encoding is LATIN1"):
        look(make_target("ENCODING 'LATIN1' TEMPLATE template0"))


def test_two_copies_to_one_database_do_not_mix(make_target):
    url = make_target()
    with connected(url) as connection:
        Target(connection).look("mine", all_tables())
        with pytest.raises(CopyError, match="Another copy"):
            look(url)


def test_nothing_is_finished_while_a_server_has_the_database(place):
    source = Source(place.database)
    with closing(sqlite3.connect(place.database)) as server:
        server.execute("SELECT count(*) FROM stations_station").fetchone()
        source.database.execute("PRAGMA busy_timeout=10")
        with pytest.raises(CopyError, match="stop the server"):
            source.be_alone()
    source.close()


def test_nobody_else_writes_while_it_finishes(place):
    source = Source(place.database)
    source.be_alone()
    with closing(sqlite3.connect(place.database, timeout=0)) as server, pytest.raises(sqlite3.OperationalError):
        server.execute("DELETE FROM stations_station")
    source.close()


def test_one_that_is_not_there_is_told_without_its_password():
    config = {"NAME": "none", "USER": "freetemp", "PASSWORD": "hunter2", "HOST": "/nowhere", "PORT": ""}
    with pytest.raises(CopyError, match="cannot be reached") as error:
        connect(config)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Give the target like DATABASE_URL"),
        (("--to", "sqlite:////tmp/other.sqlite3"), "is no PostgreSQL"),
        (("--to", "mysql://hunter2@host/name"), "neither SQLite nor PostgreSQL"),
    ],
)
def test_an_address_that_is_none_is_told_without_it(arguments, sentence, monkeypatch):
    monkeypatch.delenv("COPY_TO_URL", raising=False)
    with pytest.raises(CommandError, match=sentence) as error:
        call_command("copy_to_postgresql", *arguments)
    assert "hunter2" not in str(error.value)
