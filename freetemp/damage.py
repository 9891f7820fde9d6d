"""A damaged database: how its errors tell, and a note of it for the overview, which may not meet the damaged part.

The note is a file in VAR_DIR, for all workers and the next start. A backup whose check finds nothing takes it away, and
so does `prepare`.
"""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

SQLITE_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
POSTGRESQL_STATES = {"XX001", "XX002"}  # data_corrupted, index_corrupted
LONGEST_WORDS = 200
_SQLITE_PRIMARY = 0xFF  # The extended codes have it in their lowest byte.


class Damage(NamedTuple):
    """When damage was last met, in Unix seconds, and the database's words."""

    at_s: float
    words: str


def is_damage(error: BaseException | None) -> bool:
    """Tell whether an error of Django's, or of a database's own library, says that the database is damaged."""
    for each in (error, getattr(error, "__cause__", None)):
        code, state = getattr(each, "sqlite_errorcode", None), getattr(each, "sqlstate", None)
        if (code is not None and code & _SQLITE_PRIMARY in SQLITE_CODES) or state in POSTGRESQL_STATES:
            return True
    return False


class _Notes:
    """The note on the disk, or in this process for a disk that takes none."""

    def __init__(self) -> None:
        self._own: Damage | None = None

    def write(self, damage: Damage) -> None:
        try:
            _path().write_text(json.dumps(damage))
            self._own = None
        except OSError:
            self._own = damage

    def read(self) -> Damage | None:
        try:
            at_s, words = json.loads(_path().read_text())
            return Damage(float(at_s), str(words))
        except (OSError, ValueError, TypeError):
            return self._own

    def clear(self) -> None:
        self._own = None
        _path().unlink(missing_ok=True)


_notes = _Notes()


def note(error: BaseException | None) -> bool:
    """Note an error for the overview if it tells of damage, and return whether it does."""
    if not is_damage(error):
        return False
    _notes.write(Damage(time.time(), " ".join(str(error).split())[:LONGEST_WORDS]))
    return True


def noted() -> Damage | None:
    """Return the damage that was noted last, or None."""
    return _notes.read()


def forget() -> None:
    """Take the note away: the database was checked, replaced or prepared. Damage that is still there is met again."""
    _notes.clear()


def _path() -> Path:
    return Path(settings.VAR_DIR, "database-is-damaged")
