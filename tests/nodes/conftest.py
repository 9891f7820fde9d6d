"""Two nodes on the tests' PostgreSQL: gunicorn as shipped, each with a VAR_DIR of its own."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.server import Server

Nodes = tuple[Server, Server]


@pytest.fixture(autouse=True)
def _on_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite is for one machine")


@pytest.fixture(scope="module")
def nodes(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    """The servers of a module. Each test empties the database, and registers its stations anew."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite is for one machine")
    folders = [tmp_path_factory.mktemp(name) for name in ("one", "other")]
    one, other = (Server(folder / "log", VAR_DIR=str(folder / "var")) for folder in folders)
    with one, other:
        yield one, other
