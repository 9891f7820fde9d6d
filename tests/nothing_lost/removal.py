"""Readings that a person removes: docs/nothing-lost.md."""

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from unittest import mock

from django.conf import settings

from freetemp.backups import restore as backups
from freetemp.backups.progress import Progress
from freetemp.fields import to_millis
from readings import ingest
from readings.ingest.reports import Measurement
from readings.models import Quarter
from stations.models import Station
from tests.nothing_lost.walk import day


def remove_readings(walk):
    walk.get()
    said = walk.command("remove_readings", "Garden", "--above", 0, "--yes")
    assert walk.values() == []
    yield {"command": said}
    (file,) = re.findall(r"import_readings \d+ (\S+\.csv)", said)
    walk.command("import_readings", "Garden", file)
    yield walk.values() == [21.4]


def _retained(walk):
    """Store two readings of some days ago, and remove them. Return what the command says."""
    at_ms = to_millis(day(walk, ago=5))
    ingest.store(walk.station, [Measurement(1, at_ms, 20.0), Measurement(1, at_ms + 1_000, 21.0)])
    said = walk.command("apply_retention", "--days", 2)
    assert walk.values() == []
    assert [(each.count, each.sum) for each in Quarter.objects.all()] == [(2, 41.0)]
    return said


def closed_quarters(walk):
    yield {"command": _retained(walk)}
    yield False


def apply_retention(walk):
    said = _retained(walk)
    Station.objects.update(raw_since=day(walk, ago=100))
    walk.monkeypatch.setattr(settings, "RETENTION_DAYS", 2)
    yield {"command": said + walk.command("apply_retention")}
    yield False


def delete_station(walk):
    walk.get()
    with mock.patch("builtins.input", return_value="Garden"):
        said = walk.command("delete_station", walk.station.pk)
    assert not Station.objects.exists()
    yield {"command": said}
    yield False


def restore(walk):
    said, database, backup = [], walk.tmp_path / "db.sqlite3", walk.tmp_path / "backup.sqlite3"
    for path, value in (backup, "older"), (database, "newer"):
        with closing(sqlite3.connect(path)) as file, file:
            file.execute("CREATE TABLE reading AS SELECT ? AS value", [value])

    def held():
        with closing(sqlite3.connect(database)) as file:
            return file.execute("SELECT value FROM reading").fetchone()[0]

    walk.monkeypatch.setattr(backups, "connection", mock.Mock())
    backups.replace_database(database, backup, Progress(said.append))
    assert held() == "older"
    yield {"command": "\n".join(said)}
    (kept,) = walk.tmp_path.glob("db.sqlite3.replaced-*")
    backups.replace_database(database, Path(shutil.copy(kept, walk.tmp_path / "kept")), Progress(said.append))
    yield held() == "newer"
