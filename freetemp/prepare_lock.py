"""Lets one `prepare` at a time work on a folder and on a database: the others wait, and then find everything done."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, connections

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NAME = "prepare.lock"
AGAIN_S = 0.25
# Of PostgreSQL's advisory locks; any number that no other program of the same database takes: "freetemp" in ASCII.
LOCK = int.from_bytes(b"freetemp")
# A machine that dies while it prepares lets go of the lock within a minute, and not after PostgreSQL's usual two hours.
_NOTICED_SOON = "; ".join(f"SET LOCAL tcp_keepalives_{name}" for name in ("idle = 20", "interval = 10", "count = 3"))

Say = Callable[[str], object]


@contextmanager
def alone_in(folder: Path, say: Say) -> Iterator[None]:
    """Hold the lock of a folder, which ends with this process however it ends. Raises OSError."""
    file = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait(lambda: _locks(file), say, f"Another prepare is at work in {folder}: waiting until it is done ...")
        yield
    finally:
        os.close(file)


@contextmanager
def alone_on_database(say: Say) -> Iterator[None]:
    """Hold PostgreSQL's lock for all nodes. SQLite's database belongs to one machine, and its folder's lock is enough.

    It is that of a transaction on a connection of its own, because a pooler may give every transaction another session.
    Raises django.db.Error.
    """
    holding = connections[DEFAULT_DB_ALIAS].copy()
    if holding.vendor != "postgresql":
        yield
        return
    try:
        holding.set_autocommit(False)
        with holding.cursor() as cursor:
            cursor.execute(_NOTICED_SOON)

            def is_mine() -> bool:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
                return bool(cursor.fetchone()[0])

            _wait(is_mine, say, "Another node prepares this database: waiting until it is done ...")
        yield
    finally:
        holding.close()


def _wait(is_mine: Callable[[], bool], say: Say, why: str) -> None:
    if is_mine():
        return
    say(why)
    while not is_mine():
        time.sleep(AGAIN_S)


def _locks(file: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
