"""A copy is the database of one moment, however many connections write meanwhile."""

import sqlite3
from contextlib import closing

import pytest

from freetemp.backups import copy
from freetemp.backups.sqlite_file import open_existing
from tests.place import READINGS, STATION

pytestmark = pytest.mark.sqlite_only

INSERT = "INSERT INTO readings_reading (station_id, field, measured_at, value) VALUES (?, 2, ?, 21.4)"


def test_a_copy_goes_on_and_does_not_start_again_where_another_writes_between_its_steps(place, tmp_path, monkeypatch):
    monkeypatch.setattr(copy, "PAGES_A_STEP", 50)
    steps = []

    def write_between_steps(done, total):
        steps.append(done)
        if len(steps) < 100:  # A copy that starts again each time would never end.
            writer.execute(INSERT, [STATION, len(steps)])

    path = tmp_path / "copy"
    with (
        closing(sqlite3.connect(place.database, isolation_level=None)) as writer,
        closing(open_existing(place.database)) as source,
    ):
        copy.copy_pages(source, path, write_between_steps)
        assert writer.execute("SELECT count(*) FROM readings_reading WHERE field = 2").fetchone() == (len(steps),)
    assert 5 < len(steps) < 100
    assert steps == sorted(set(steps))
    with closing(sqlite3.connect(path)) as copied:
        rows = copied.execute("SELECT field, count(*) FROM readings_reading GROUP BY field")
        assert rows.fetchall() == [(1, READINGS)]
