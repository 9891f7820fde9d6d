"""Databases with all migrations applied. A run of the tests makes one and copies it, as to migrate takes 5 s."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.once import made_once
from tests.place import Place, make_place


def migrated_file(factory: pytest.TempPathFactory) -> Path:
    """Return an SQLite file for copies."""
    return made_once(factory, "migrated", _migrate_file) / "freetemp.sqlite3"


def place_of_readings(factory: pytest.TempPathFactory) -> Place:
    """Return the place of `make_place`, for copies."""
    migrated = migrated_file(factory)
    return Place(made_once(factory, "place", lambda folder: make_place(folder / "var", migrated)) / "var")


def own_database(factory: pytest.TempPathFactory) -> None:
    """Give this process of the tests a database of its own."""
    test = connection.settings_dict["TEST"]
    if connection.vendor == "sqlite":
        shutil.copyfile(migrated_file(factory), test["NAME"])
        _use(test["NAME"])
    else:
        made = made_once(factory, "migrated-template", _migrate_template)
        test["TEMPLATE"] = (made / "name").read_text()
        _use(connection.creation._create_test_db(verbosity=0, autoclobber=True))


def _migrate_file(folder: Path) -> None:
    done = Place(folder).manage("migrate", "--verbosity=0")
    assert done.returncode == 0, done.stdout


def _migrate_template(folder: Path) -> None:
    test, before = connection.settings_dict["TEST"], connection.settings_dict["NAME"]
    own, test["NAME"] = test["NAME"], "test_migrated"
    (folder / "name").write_text(connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False))
    test["NAME"] = own
    _use(before)


def _use(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
