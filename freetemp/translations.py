"""gettext() for texts that a page says hundreds of times.

Django's looks through up to six catalogues for a text that English has as it is, and takes ten times as long.
"""

from __future__ import annotations

from functools import lru_cache

from django.utils import translation


def gettext(message: str) -> str:
    """Return a text of the code in the active language."""
    return _in_language(message, translation.get_language())


@lru_cache(maxsize=2_048)
def _in_language(message: str, language: str | None) -> str:
    return translation.gettext(message)
