"""Work with the database that a server does beside its requests, in threads of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from django.db import DatabaseError, connections

RETRY_S = 60

logger = logging.getLogger(__name__)


def in_background(name: str, work: Callable[[], object]) -> None:
    """Let a thread of this name do some work. It ends with the process."""
    threading.Thread(target=work, name=name, daemon=True).start()


def try_to(work: Callable[[], object], failure: str) -> bool:
    """Do some work, close its connections, and return whether the database was able to. Otherwise log the failure."""
    try:
        work()
    except DatabaseError as error:  # It is away, full, or not prepared yet.
        logger.warning("%s: %s", failure, error)
        return False
    finally:
        connections.close_all()
    return True


def do_at_last(work: Callable[[], object], failure: str) -> None:
    """Do some work as soon as the database is able to."""
    while not try_to(work, failure):
        time.sleep(RETRY_S)
