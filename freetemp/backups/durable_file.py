"""Files that get their name only once they are whole and would survive a power cut."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """Yield a new file beside a path, for its owner alone. It gets the name at the end. An error removes it."""
    beside = path.with_name(f"{path.name}.partial")
    os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield beside
        force_to_disk(beside)
        beside.replace(path)
        force_to_disk(path.parent)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def force_to_disk(path: Path) -> None:
    """Return once a file, or the names in a folder, would survive a power cut. Windows secures names by itself."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
