"""nginx with or without gunicorn behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import tests.run
from tests.deploy.nginx import BEHIND_NGINX, Nginx
from tests.server import Server, free_port


@pytest.fixture(scope="session")
def _nginx() -> None:
    """Skip tests without nginx; under CI this is a failure."""
    if tests.run.nginx() is None:
        pytest.skip("there is no nginx: install Debian's nginx")


@pytest.fixture(scope="module")
def gunicorn(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all tests of a file: each test has stations and keys of its own."""
    # One process: each would count wrong keys by itself.
    log = tmp_path_factory.mktemp("gunicorn") / "log"
    with Server(log, **BEHIND_NGINX, WEB_CONCURRENCY="1", WEB_THREADS="4") as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """nginx's own folder."""
    folder = tmp_path / "nginx"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def nginx(gunicorn: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """nginx for tests that ask it less than it allows an address in their time."""
    with Nginx(tmp_path_factory.mktemp("nginx"), gunicorn.port) as nginx:
        yield nginx


@pytest.fixture
def patient_nginx(gunicorn: Server, folder: Path) -> Iterator[Nginx]:
    """nginx that gives no slow client up while a test is there."""
    with Nginx(folder, gunicorn.port, is_patient=True) as nginx:
        yield nginx


@pytest.fixture
def nginx_alone(folder: Path) -> Iterator[Nginx]:
    """nginx while gunicorn is down."""
    with Nginx(folder, free_port()) as nginx:
        yield nginx
