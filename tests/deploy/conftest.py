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


@pytest.fixture
def gunicorn(key: str, tmp_path: Path) -> Iterator[Server]:
    # One process: each would count wrong keys by itself.
    with Server(tmp_path / "gunicorn.log", **BEHIND_NGINX, WEB_CONCURRENCY="1", WEB_THREADS="4") as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """nginx's own folder."""
    folder = tmp_path / "nginx"
    folder.mkdir()
    return folder


@pytest.fixture
def nginx(gunicorn: Server, folder: Path) -> Iterator[Nginx]:
    with Nginx(folder, gunicorn.port) as nginx:
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
