"""What keeps a process of many threads small: settings of glibc's malloc, of Python's collector and of SQLite."""

from __future__ import annotations

import ctypes
import gc
import sys
from typing import Any

from django.db.backends.signals import connection_created

# The names and numbers of mallopt(3).
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
BLOCK_BYTES = 128 * 1024
_PAGES_KIB = 400  # of SQLite's cache, for each thread
_MIDDLE_ONES_UNTIL_ALL = 2  # of the collector. Python has 10.


def give_back_memory() -> None:
    """Have all threads share one heap, and large blocks go back to the system. Call it before any thread starts.

    glibc has up to eight heaps for each core, and each keeps what its threads once needed. It also takes ever larger
    blocks from them, up to 32 MB, once one of that size has been freed. Other libraries of C are left as they are.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for parameter, value in ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, BLOCK_BYTES), (_TRIM_THRESHOLD, BLOCK_BYTES)):
            mallopt(parameter, value)


def collect_early() -> None:
    """Have Python's collector look only at what is made from now on, and sooner. Call it when everything is loaded.

    Django leaves each page that it has drawn in a cycle, with all objects that were on it, until a collection of all
    generations. That waits for 70,000 new objects, and for as many as a quarter of those that stay: with what is
    loaded, these are 150,000.
    """
    gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, _MIDDLE_ONES_UNTIL_ALL)


def keep_few_pages() -> None:
    """Give connections a smaller cache than settings.py does for those that store: pages are drawn as fast with it."""
    connection_created.connect(_keep_few)


def _keep_few(connection: Any, **_: Any) -> None:
    if connection.vendor == "sqlite":
        connection.connection.execute(f"PRAGMA cache_size=-{_PAGES_KIB}")
