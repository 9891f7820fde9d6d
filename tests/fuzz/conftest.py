"""One server for all that is sent to it."""

from collections.abc import Iterator

import pytest

from tests.server import Server


@pytest.fixture(scope="package")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """gunicorn with two workers on the tests' database: each test empties it, and registers its stations anew.

    With the tests' settings: what is no address of a board may ask for a page, whose files need not be collected then.
    """
    own = {"DJANGO_SETTINGS_MODULE": "tests.settings", "WEB_CONCURRENCY": "2"}
    with Server(tmp_path_factory.mktemp("server") / "log", **own) as server:
        yield server
