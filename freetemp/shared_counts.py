"""Counts that all workers of this server share, in Django's cache. A cache that fails counts nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import cache

logger = logging.getLogger(__name__)

WITHOUT_CACHE_S = 30  # A cache that failed is not asked for this long: an absent Redis may take a second to fail.

AnswerT = TypeVar("AnswerT")


class SharedCounts:
    """Counts of one kind of thing, which has a name for the log. No method raises: what is counted goes on without."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._cache_failed_until = 0.0

    def add(self, key: str, within_s: int, is_anew: Callable[[int], bool]) -> int:
        """Count one more. Return the number within so many seconds of the first one, or 0 if the cache fails.

        The time begins anew with each of which `is_anew` says so.
        """
        return self._ask(lambda: _add(key, within_s, is_anew), 0)

    def exceeds(self, most: int, key: str, within_s: int) -> bool:
        """Count one more, and tell whether these are more than so many within so many seconds of the first one."""
        return self.add(key, within_s, lambda _: False) > most

    def take_back(self, key: str) -> None:
        """Count one less, as if it had not been counted."""
        self._ask(lambda: _take_back(key), None)

    def get(self, key: str) -> Any:
        """Return what was kept under a key, or None."""
        return self._ask(lambda: cache.get(key), None)

    def keep(self, key: str, value: Any, for_s: int) -> None:
        self._ask(lambda: cache.set(key, value, for_s), None)

    def claim(self, key: str, value: Any, for_s: int) -> bool:
        """Keep a value unless one is there. Of all that ask at once, one is told that it is the first."""
        return self._ask(lambda: cache.add(key, value, for_s), True)

    def drop(self, key: str) -> bool:
        """Forget a key, and tell whether it was there."""
        return self._ask(lambda: bool(cache.delete(key)), False)

    def _ask(self, question: Callable[[], AnswerT], without: AnswerT) -> AnswerT:
        if time.monotonic() < self._cache_failed_until:
            return without
        try:
            return question()
        except Exception as error:  # noqa: BLE001 - a full disk and an absent Redis raise different ones
            self._cache_failed_until = time.monotonic() + WITHOUT_CACHE_S
            logger.error("%s are not counted for %d s: the cache failed: %r", self._name, WITHOUT_CACHE_S, error)  # noqa: TRY400
            return without


def _add(key: str, within_s: int, is_anew: Callable[[int], bool]) -> int:
    try:
        count = cache.incr(key)
    except ValueError:
        if cache.add(key, 1, within_s):
            return 1
        count = cache.incr(key)  # Another worker added the first one in between.
    if is_anew(count):
        cache.touch(key, within_s)  # Also: a Redis key that expired within incr() has no expiry, and gets one here.
    return count


def _take_back(key: str) -> None:
    try:
        cache.decr(key)
    except ValueError:
        return  # It was forgotten in the meantime.
