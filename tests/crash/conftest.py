"""One server for all tests of a module."""

from collections.abc import Iterator

import pytest

from tests.server import Server


@pytest.fixture(scope="module")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """gunicorn with two workers on the tests' database: each test empties it, and registers its stations anew."""
    with Server(tmp_path_factory.mktemp("server") / "log", WEB_CONCURRENCY="2") as server:
        yield server
