"""The places for downloads: a file occupies one of the server's threads until its client has read it."""

from __future__ import annotations

import threading
from collections import Counter

AT_ONCE = 4  # Boards and pages need the other threads.
OF_ONE_NETWORK = 2  # so that nobody keeps all files from everybody else


class Places:
    """The places of this process, and the networks that hold them."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, network: str) -> bool:
        """Take a place for a network, and tell whether there was one. It has to be given back by free()."""
        with self._lock:
            if self._held.total() >= AT_ONCE or self._held[network] >= OF_ONE_NETWORK:
                return False
            self._held[network] += 1
            return True

    def free(self, network: str) -> None:
        with self._lock:
            self._held[network] -= 1
            self._held += Counter()  # Networks without a place are forgotten.


places = Places()
