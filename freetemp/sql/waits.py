"""How long a thread waits for PostgreSQL's answer, and the commits that it has not answered.

A commit may wait for a standby that hangs, and nothing of PostgreSQL's ends that wait: lock_timeout does not count, and
statement_timeout is over before it. To cancel it would make a commit of it that no standby has, told as a success. So
the wait ends here: the connection is left alone, and the answer says that it is in doubt.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from django.db import OperationalError

LONGEST_S = 4.0  # As for a lock: a board waits no longer for its 503.
MOST_HUNG = 4  # commits of this process that are not answered, before no other is tried


class UnansweredError(OperationalError):
    """PostgreSQL did not answer in time. Nothing was stored."""


class InDoubtError(UnansweredError):
    """PostgreSQL did not answer a commit in time: it may be stored, now or later."""


class _OfThread(threading.local):
    answers = False  # whether it answers requests, which have no time
    commits = False
    until_s: float | None = None  # time.monotonic()


of_thread = _OfThread()


class Waits:
    """Whether waits of this process have an end: only PostgreSQL has such waits."""

    have_an_end = False


waits = Waits()


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Let this thread wait no longer than that for all answers together, whatever was said before."""
    before = of_thread.until_s
    of_thread.until_s = monotonic() + seconds
    try:
        yield
    finally:
        of_thread.until_s = before


@contextmanager
def committing() -> Iterator[None]:
    """Say that what is sent now may store something, if no answer comes."""
    of_thread.commits = True
    try:
        yield
    finally:
        of_thread.commits = False


def left_s() -> float | None:
    """Return how long this thread may still wait, or None for as long as it takes."""
    return None if of_thread.until_s is None else max(0.0, of_thread.until_s - monotonic())


class Hung:
    """The connections on which an answer is awaited no longer. PostgreSQL closes each when it is done with it.

    As long as there are some, others would most probably hang too, and each takes one of PostgreSQL's connections.
    """

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()

    def keep(self, file: int) -> None:
        """Keep the other end from learning that nobody waits. A commit that waits for a standby goes on waiting."""
        try:
            kept = socket.socket(fileno=os.dup(file))
        except OSError:  # Windows' sockets are no files: there PostgreSQL learns it.
            return
        kept.setblocking(False)
        with self._lock:
            self._sockets.append(kept)

    def check(self) -> None:
        """Raise UnansweredError if there are so many that nothing more is tried."""
        if self._sockets and self.count() >= MOST_HUNG:
            raise UnansweredError("PostgreSQL answers no commit: a standby for which it waits may hang")

    def count(self) -> int:
        with self._lock:
            self._sockets = [each for each in self._sockets if _hangs(each)]
            return len(self._sockets)


def _hangs(kept: socket.socket) -> bool:
    """Tell whether nothing has come. What comes is the late answer, the end of the connection, or its failure."""
    try:
        kept.recv(1)
    except BlockingIOError:
        return True
    except OSError:
        pass  # It has failed: its machine is gone.
    kept.close()
    return False


hung = Hung()
