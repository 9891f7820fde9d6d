"""Two nodes on the tests' PostgreSQL: gunicorn as shipped, each with a VAR_DIR of its own."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests.once import made_once
from tests.preloaded import output_of
from tests.server import Server

Nodes = tuple[Server, Server]


@pytest.fixture(autouse=True)
def _on_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite is for one machine")


def collect(var: Path) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "freetemp.settings", "VAR_DIR": str(var)}
    output_of(["manage.py", "collectstatic", "--noinput"], environment)


@pytest.fixture(scope="session")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collected files of pages, to copy."""
    return made_once(tmp_path_factory, "collected", collect) / "static"


@pytest.fixture(scope="module")
def nodes(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory, collected: Path) -> Iterator[Nodes]:
    """The servers of a module. Each test empties the database, and registers its stations anew."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite is for one machine")
    folders = [tmp_path_factory.mktemp(name) for name in ("one", "other")]
    for folder in folders:
        shutil.copytree(collected, folder / "var" / "static")
    same = {"SERVER_URL": "http://127.0.0.1:8000"}  # The balancer's.
    one, other = (Server(folder / "log", VAR_DIR=str(folder / "var"), **same) for folder in folders)
    with one, other:
        yield one, other
