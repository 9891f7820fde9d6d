"""A server's data in a folder of its own, for programs to work on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.once import made_once
from tests.place import Place, make_place


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(made_once(tmp_path_factory, "place", lambda folder: make_place(folder / "var")) / "var")


@pytest.fixture
def place(template: Place, tmp_path: Path) -> Place:
    return template.copy_to(tmp_path / "var")
