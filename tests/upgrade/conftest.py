"""The database of the first freetemp that stored readings, in its original form and after `manage.py prepare`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.place import Place

FIRST = Path(__file__).with_name("first_database.sql")


@dataclass(frozen=True)
class Upgrade:
    """A place after its upgrade, with its former content and the command's output."""

    place: Place
    before: Path
    printed: str

    @property
    def snapshot(self) -> Path:
        (path,) = self.place.backups.glob("before-upgrade-*")
        return path


def load_first(folder: Path) -> Place:
    folder.mkdir(parents=True)
    place = Place(folder)
    with closing(sqlite3.connect(place.database)) as database:
        database.executescript(FIRST.read_text("utf-8"))
    return place


@pytest.fixture
def first(tmp_path: Path) -> Place:
    """A place with the first database, before any upgrade."""
    return load_first(tmp_path / "first")


@pytest.fixture(scope="session")
def upgrade(tmp_path_factory: pytest.TempPathFactory) -> Upgrade:
    """An upgraded place, which tests only read."""
    folder = tmp_path_factory.mktemp("upgrade")
    before, place = load_first(folder / "before"), load_first(folder / "var")
    done = place.manage("prepare")
    assert done.returncode == 0, done.stdout
    return Upgrade(place, before.database, done.stdout)
