"""One server for all examples."""

from collections.abc import Iterator

import pytest

from tests.server import Server


@pytest.fixture(scope="package")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """gunicorn with two workers on the tests' database: each test empties it, and registers its stations anew.

    It has the tests' settings: an address that is not a board's may be a page's, which needs no collected files then.
    """
    own = {"DJANGO_SETTINGS_MODULE": "tests.settings", "WEB_CONCURRENCY": "2"}
    with Server(tmp_path_factory.mktemp("server") / "log", **own) as server:
        yield server
