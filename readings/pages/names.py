"""The order in which pages list stations."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MOST_KEPT = 1_000  # stations
_DIGITS = re.compile(r"(\d+)")


@lru_cache(maxsize=MOST_KEPT)
def in_order(name: str) -> tuple[str | int, ...]:
    """Return the key that sorts names as people do: “Ä” beside “a”, and “Roof 2” before “Roof 10”."""
    letters = (each for each in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(each))
    return tuple(int(part) if part.isdecimal() else part for part in _DIGITS.split("".join(letters)))
