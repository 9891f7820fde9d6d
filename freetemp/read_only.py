"""Tells whether the disk of a folder is read-only, as Linux makes one after an error.

access(2) does not always know: ext4 in an emergency goes on as writable there, and fails each write. So a nameless file
is made, which is gone at once.
"""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

KNOWN_FOR_S = 10
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
_found: dict[Path, tuple[float, bool]] = {}


def takes_files(folder: Path) -> bool:
    """Tell whether a folder takes new files. A full disk does: it may have room in a moment."""
    if not os.access(folder, os.W_OK):
        return False
    try:
        os.close(os.open(folder, os.O_WRONLY | os.O_TMPFILE, 0o600))
    except (OSError, AttributeError) as error:  # Not every system and file system knows nameless files.
        return getattr(error, "errno", None) not in _READ_ONLY
    return True


def is_read_only(folder: Path) -> bool:
    """Tell the same for pages, which ask often: it is looked up every ten seconds."""
    until, found = _found.get(folder, (0.0, False))
    if time.monotonic() >= until:
        found = not takes_files(folder)
        _found[folder] = time.monotonic() + KNOWN_FOR_S, found
    return found


def forget() -> None:
    """Look again at the next question."""
    _found.clear()
