"""A server's data in a folder of its own, for programs to work on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.migrated import place_of_readings
from tests.once import made_once
from tests.place import Place


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return place_of_readings(tmp_path_factory)


@pytest.fixture
def place(template: Place, tmp_path: Path) -> Place:
    return template.copy_to(tmp_path / "var")


@pytest.fixture(scope="session")
def template_of_backup(template: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = made_once(tmp_path_factory, "backup", lambda folder: template.copy_to(folder / "var").back_up())
    return next(Place(folder / "var").backups.iterdir())


@pytest.fixture
def file(place: Place, template_of_backup: Path) -> Path:
    """A backup of the place as it is, which the real command has made earlier."""
    return Path(shutil.copytree(template_of_backup.parent, place.backups)) / template_of_backup.name
