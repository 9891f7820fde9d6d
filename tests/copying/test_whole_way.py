"""A server's way to PostgreSQL: a copy that is killed, goes on, lets boards report, and ends with the same rows."""

import json
import os
import signal
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, date, datetime, time
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import psycopg
import pytest

from freetemp.copying.tables import all_tables
from tests import preloaded
from tests.copying.conftest import connected
from tests.copying.seeded import MINUTE_MS, READINGS, STATION, add_readings, seed
from tests.migrated import migrated_file
from tests.programs import comes_true, waited

pytestmark = pytest.mark.sqlite_only
COMMAND = ("manage.py", "copy_to_postgresql")


class Way:
    """The steps of one copy, in their order, with all that was said."""

    def __init__(self, place, url):
        self.place, self.url = place, url
        place.environment["COPY_TO_URL"] = url
        self.killed = self.kill_in_the_middle()
        self.went_on = place.run(*COMMAND)
        with connected(url) as target, pytest.raises(psycopg.errors.ReadOnlySqlTransaction) as self.refused:
            target.execute("DELETE FROM stations_station")
        self.report_meanwhile()
        self.finished = place.run(*COMMAND, "--finish")

    def kill_in_the_middle(self):
        """Kill it while it waits for a row of ours, between two pieces of the same field. Return what is there."""
        with tempfile.TemporaryFile() as log, Path(os.devnull).open() as nothing:
            process = preloaded.start(COMMAND, self.place.environment, (nothing, log, log), leads=True)
            try:
                assert comes_true(lambda: process.poll() is not None or has_begun(self.url))
                with connected(self.url) as target:
                    target.execute("SET default_transaction_read_only = off")
                    with target.transaction(force_rollback=True):
                        row = (STATION, 1, (READINGS - 1) * MINUTE_MS)
                        ask = "INSERT INTO readings_reading (station_id, field, measured_at, value)"
                        target.execute(f"{ask} VALUES (%s, %s, %s, 0)", row)
                        assert comes_true(lambda: process.poll() is not None or is_waited_for(self.url))
                        process.send_signal(signal.SIGKILL)
                        waited(process)
            finally:
                process.kill()
        assert comes_true(lambda: not others_in(self.url))
        with connected(self.url) as target:
            return target.execute("SELECT count(*) FROM readings_reading").fetchone()[0]

    def report_meanwhile(self):
        """Newest readings, a late one, one that is removed, one that is another, a station's name, a key's end."""
        with closing(sqlite3.connect(self.place.database)) as database, database:
            add_readings(database, 1, range(READINGS + 1, READINGS + 21))
            database.execute("INSERT INTO readings_reading SELECT id, 1, 90030, 5 FROM stations_station")
            database.execute("DELETE FROM readings_reading WHERE measured_at = ?", [3 * MINUTE_MS])
            database.execute("UPDATE readings_reading SET value = 1 WHERE measured_at = ?", [9 * MINUTE_MS])
            database.execute("UPDATE stations_field SET edition = edition + 1")
            database.execute("UPDATE stations_station SET name = 'Roof'")
            database.execute("UPDATE stations_key SET ended_at = 9")
            database.execute(
                "INSERT INTO audit_event SELECT id + 5, at, deed, station, station_name, what, details,"
                " person, by, address, of, of_number FROM audit_event"
            )
            database.execute("DELETE FROM accounts_person")


def has_begun(url):
    with connected(url) as target:
        return target.execute("SELECT to_regclass('freetemp_copying') IS NOT NULL").fetchone()[0]


def is_waited_for(url):
    with connected(url) as target:
        return target.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0]


def others_in(url):
    with connected(url) as target:
        ask = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        return target.execute(ask).fetchone()[0]


@pytest.fixture(scope="module")
def way(make_target, tmp_path_factory):
    place = seed(tmp_path_factory.mktemp("server") / "var", migrated_file(tmp_path_factory))
    return Way(place, make_target())


def test_every_table_has_rows_and_they_are_the_same_in_postgresql(way):
    with closing(sqlite3.connect(way.place.database)) as ours, connected(way.url) as theirs:
        for table in all_tables():
            ask = f'SELECT * FROM "{table.name}"'  # noqa: S608
            (here, there) = (rows_of(each.execute(ask), table) for each in (ours, theirs))
            assert here == there, table.name
            assert here or table.name == "accounts_person", (
                f"{table.name} has no row to copy: see tests/copying/seeded.py"
            )


def rows_of(cursor, table):
    """Return rows as texts by the names of their columns: the two databases have them in orders of their own."""
    names, kinds = [each[0] for each in cursor.description], {each.name: each.kind for each in table.columns}
    return sorted(
        repr(sorted((name, told(kinds[name], value)) for name, value in zip(names, row, strict=True))) for row in cursor
    )


def told(kind, value):
    if kind == "boolean" and value is not None:
        return bool(value)
    if kind == "json" and value is not None:
        return repr(json.loads(value) if isinstance(value, str) else value)
    if kind == "moment" and isinstance(value, str):
        value = datetime.fromisoformat(value).replace(tzinfo=UTC)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value) if isinstance(value, date | time | IPv4Address | IPv6Address) else value


def test_a_copy_that_was_killed_between_two_pieces_keeps_what_it_has_and_goes_on(way):
    assert 0 < way.killed < READINGS  # Without the last piece, and without field 7.
    assert way.went_on.returncode == 0, way.went_on.stdout
    assert "Going on with the copy that has begun" in way.went_on.stdout
    assert f"readings_reading: {READINGS - way.killed + 2:,} rows" in way.went_on.stdout


def test_nobody_else_writes_into_an_unfinished_copy(way):
    assert "read-only" in str(way.refused.value)


def test_it_ends_with_sentences_and_the_copy_is_a_database_like_any_other(way):
    said = way.finished.stdout
    assert f"readings_reading: {READINGS + 21:,} rows, with the same count and sums" in said
    assert "ENCRYPTION_KEYS reads 1 of them" in said
    assert "The copy is whole" in said
    with connected(way.url) as target:
        assert target.execute("SELECT to_regclass('freetemp_copying')").fetchone() == (None,)
        foreign = "SELECT count(*), bool_and(convalidated) FROM pg_constraint WHERE contype = 'f'"
        parents = sum(bool(column.parent) for table in all_tables() for column in table.columns)
        assert target.execute(foreign).fetchone() == (parents, True)
        with pytest.raises(psycopg.errors.RestrictViolation):
            target.execute("UPDATE audit_event SET deed = 'nothing'")


def test_rollups_that_were_wrong_before_are_told_at_the_end(way):
    """The readings of these tests came without any."""
    assert way.finished.returncode == 1
    assert "Rollups differ from their readings, as they did in SQLite" in way.finished.stdout


def test_numbers_go_on_where_sqlite_was(way):
    with closing(sqlite3.connect(way.place.database)) as ours, connected(way.url) as theirs:
        last = dict(ours.execute("SELECT name, seq FROM sqlite_sequence"))
        for table in all_tables():
            if table.numbered_by:
                ask = f"SELECT nextval(pg_get_serial_sequence('{table.name}', '{table.numbered_by}'))"
                assert theirs.execute(ask).fetchone()[0] == last.get(table.name, 0) + 1, table.name
