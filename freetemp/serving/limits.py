"""How much a client may ask of the server before it is answered, and how slow it may be."""

from __future__ import annotations

import contextlib
import resource
from typing import NamedTuple


class Limits(NamedTuple):
    """Limits of one connection, and of all together. `deploy/gunicorn.conf.py` may set others on the worker."""

    still_s: float = 10  # A client may be still for this long within a request or an answer.
    least_bytes_a_s: int = 4_096  # And afterwards this is the slowest pace, or a byte now and then would be enough.
    linger_s: float = 2  # A client may go on sending for this long after its last answer, and can still read that.
    head_bytes: int = 64 * 1024
    unsent_bytes: int = 2**20  # A whole page; the rest of a long download is made when its reader has taken this much.
    held_bytes: int = 64 * 2**20  # In this process, for requests and answers that are not complete.
    waiting_for_people: int = 200  # Requests that are not boards'.


class Pace:
    """The time that a client has left for a transfer."""

    __slots__ = ("_limits", "_moved_at", "_moved_bytes", "_started_at")

    def __init__(self, limits: Limits, now: float) -> None:
        self._limits, self._started_at, self._moved_at, self._moved_bytes = limits, now, now, 0

    def moved(self, count: int, now: float) -> None:
        """Note that the client has sent or taken this many bytes."""
        self._moved_at = now
        self._moved_bytes += count

    def ends_at(self) -> float:
        """Return when the transfer has failed, by `time.monotonic()`."""
        slowest = self._started_at + self._moved_bytes / self._limits.least_bytes_a_s
        return min(self._moved_at, slowest) + self._limits.still_s


def most_connections(threads: int) -> int:
    """Return how many connections this process may have, after allowing it as many files as it may allow itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4_096 if hard == resource.RLIM_INFINITY else min(hard, 4_096)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    if soft == resource.RLIM_INFINITY:
        return 2**31
    return max(8, soft - 16 - 8 * threads)  # A thread opens its database, and a file that it sends.
