"""What SQLite holds and PostgreSQL refuses is told by table and row, before anything is copied."""

import sqlite3
from contextlib import closing

import pytest

from freetemp.copying.problems import problems_in
from freetemp.copying.source import Source
from freetemp.copying.tables import all_tables
from tests.copying.seeded import add_row

pytestmark = pytest.mark.sqlite_only
HALF_A_PAIR = '"\\ud800"'


@pytest.fixture
def change(place):
    """Add a row to each of some tables, change one, and return what is found then."""

    def found(table, column, value):
        by_name = {each.name: each for each in all_tables()}
        with closing(sqlite3.connect(place.database)) as database, database:
            needed = ("auth_user", "stations_station", "stations_field", "readings_historyimport", "django_session")
            for name in dict.fromkeys((*needed, "readings_reading", "firmware_flashtoken", "firmware_flashuse", table)):
                if not database.execute(f'SELECT 1 FROM "{name}"').fetchone():  # noqa: S608
                    add_row(database, by_name[name])
            assert list(found_in(place)) == []
            database.execute("PRAGMA ignore_check_constraints = on")
            database.execute(f'UPDATE "{table}" SET "{column}" = ?', [value])  # noqa: S608
        return list(found_in(place))

    return found


def found_in(place):
    source = Source(place.database)
    try:
        yield from problems_in(source, all_tables())
    finally:
        source.close()


@pytest.mark.parametrize(
    ("table", "column", "value", "fault"),
    [
        ("stations_station", "name", "Gar\0den", "has a NUL in it"),
        ("stations_station", "name", "x" * 81, "has 81 characters, and may have 80"),
        ("stations_station", "notes", b"\xff", "is not a text in UTF-8"),
        ("stations_station", "public", 2, "is neither true nor false"),
        ("stations_station", "interval_s", 2**31, "is not from 0 to 2147483647"),
        ("stations_station", "interval_s", -1, "is not from 0 to 2147483647"),
        ("stations_station", "interval_s", "soon", "is not a whole number"),
        ("stations_station", "latitude", "north", "is not a number"),
        ("auth_user", "date_joined", "yesterday", "is not a moment"),
        ("readings_historyimport", "choices", '{"a": "\\u0000"}', "has a NUL in it"),
        ("readings_historyimport", "choices", "NaN", "is not JSON as PostgreSQL takes it"),
        ("readings_historyimport", "choices", HALF_A_PAIR, "is not JSON as PostgreSQL takes it"),
        ("readings_historyimport", "choices", "{", "is not JSON as PostgreSQL takes it"),
        ("firmware_flashuse", "address", "nowhere", "is not an address"),
        ("readings_historyimport", "station_id", 99, "names a row that is not in stations_station"),
    ],
)
def test_a_value_is_named_with_its_table_and_row(change, table, column, value, fault):
    (sentence,) = change(table, column, value)
    assert sentence == f"{table}, row with id {sentence.split(' id ')[1].split(':')[0]}: {column} {fault}."


def test_readings_are_looked_through_too(change):
    assert change("readings_reading", "value", b"x") == [
        "readings_reading, row with station_id 7, field 7, measured_at 7: value is not a number."
    ]


def test_readings_of_no_station_are_found(change):
    assert change("readings_reading", "station_id", 99) == [
        "readings_reading has rows of station 99, which is not there."
    ]


def test_a_key_that_may_be_a_secret_is_not_shown(change):
    (sentence,) = change("django_session", "session_data", "\0")
    assert "…: session_data has a NUL in it." in sentence


def test_a_table_of_another_program_is_found(place):
    with closing(sqlite3.connect(place.database)) as database:
        database.execute("CREATE TABLE invoices (id)")
    assert list(found_in(place)) == [
        "invoices is no table of freetemp: take it out of the database, or it would be lost."
    ]


def test_a_look_alone_says_them_and_ends_with_an_error(place):
    with closing(sqlite3.connect(place.database)) as database, database:
        database.execute("INSERT INTO auth_group (name) VALUES ('a' || char(0) || 'b')")
    done = place.manage("copy_to_postgresql", "--check")
    assert done.returncode == 1
    assert "auth_group, row with id 2: name has a NUL in it." in done.stdout
    assert "Mend them in SQLite" in done.stdout
