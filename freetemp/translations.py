"""The active language, and gettext(), for texts that a page says hundreds of times.

Django takes 3 µs to tell which language is active, some tens of which are most of what a card costs. Its gettext()
looks through up to six catalogues for a text that English has as it is, and takes ten times as long.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from django.utils import translation


class _OfThread(threading.local):
    language: str | None = None


_of_thread = _OfThread()


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Have a language active, as Django's override() does. Nothing may use that one: here, it would change nothing."""
    before = _of_thread.language
    with translation.override(language):
        _of_thread.language = translation.get_language()
        try:
            yield
        finally:
            _of_thread.language = before


def active_language() -> str | None:
    """Return the code of the active language, as Django's get_language() does."""
    return _of_thread.language or translation.get_language()


def gettext(message: str) -> str:
    """Return a text of the code in the active language."""
    return _in_language(message, active_language())


@lru_cache(maxsize=2_048)
def _in_language(message: str, language: str | None) -> str:
    return translation.gettext(message)
