"""freetemp on a fresh database, with stations and their known keys."""

from __future__ import annotations

import os
import random
import secrets
import sqlite3
from pathlib import Path
from typing import NamedTuple

import django

APP = "freetemp.wsgi"
STATIONS, FIELDS = 200, 5
INTERVAL_S = 1  # A field may then send 120 values at once and 5 a second for long: 5,000 values/s in all.


class Board(NamedTuple):
    """A board's knowledge of itself."""

    station: int
    mac: str
    key: str


def prepare(directory: Path, url: str = "") -> list[Board]:
    """Make a database with stations, and point the environment at it."""
    create(directory, url)
    return _stations()


def create(directory: Path, url: str = "") -> None:
    """Make a database, on SQLite or in the empty one at this address, and point the environment at it.

    This holds for this process and those that it starts.
    """
    (directory / "static").mkdir()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "freetemp.settings",
        "DATABASE_URL": url or f"sqlite:///{directory / 'freetemp.sqlite3'}",
        "SECRET_KEY": secrets.token_hex(32),
        "SERVER_URL": "http://127.0.0.1:8000",
        "VAR_DIR": str(directory),
        "DEBUG": "off",
        "ACCESS_LOG": "off",
    }
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _stations() -> list[Board]:
    from django.db import connection, transaction

    with transaction.atomic():
        boards = [_board(number) for number in range(1, STATIONS + 1)]
    connection.close()
    return boards


def _board(number: int) -> Board:
    from stations.models import Key, Station

    mac = f"02:00:00:00:{number // 256:02x}:{number % 256:02x}"
    station = Station.objects.create(name=f"Station {number}", mac=mac, interval_s=INTERVAL_S)
    for field in range(2, FIELDS + 1):
        station.fields.create(number=field, name=f"field {field}")
    return Board(station.pk, mac, Key.objects.issue(station))


def stored(_: object = None, database: Path | None = None) -> int:
    """Return the number of readings in a database: the one that the environment names, unless another is given."""
    path = database or os.environ["DATABASE_URL"].removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        count: int = connection.execute("SELECT count(*) FROM readings_reading").fetchone()[0]
    connection.close()
    return count


def path(board: Board, field: int) -> str:
    """Return the URL path of a single value."""
    return f"/update/API_key={board.key}/mac={board.mac}/field={field}/data={random.gauss(15, 8):.2f}"
