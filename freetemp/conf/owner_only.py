"""Keeps what freetemp writes to its own user: sessions, digests of keys, WiFi passwords and backups are in VAR_DIR.

Another user of the computer who reads a session's key from the database is an administrator. A folder that nobody but
its owner and its group can enter was made so on purpose, such as by systemd's unit: its group keeps what it has.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

OTHERS, GROUP = stat.S_IRWXO, stat.S_IRWXG
BESIDE_A_DATABASE = ("", "-wal", "-shm", "-journal")  # SQLite gives new ones the mode of the database.


def set_umask(folder: Path) -> None:
    """Let nobody else read what this process writes from now on, whatever umask it was started with."""
    os.umask(os.umask(GROUP | OTHERS) | _closed(folder))


def close(paths: Iterable[Path]) -> list[Path]:
    """Take these files and folders away from others, each by itself. Return those that cannot be changed."""
    return [path for path in paths if not _close(path, _closed(path))]


def close_folder(folder: Path) -> list[Path]:
    """Take a folder away from others with everything in it. Return what cannot be changed: it is another user's."""
    closed = _closed(folder)
    inside = (Path(top, name) for top, folders, files in os.walk(folder) for name in (*folders, *files))
    return [path for path in (folder, *inside) if not _close(path, closed)]


def database_files(settings: dict[str, object]) -> list[Path]:
    """Return the files of an SQLite database by its entry in DATABASES, and none for PostgreSQL."""
    if "sqlite" not in str(settings["ENGINE"]):
        return []
    return [Path(f"{settings['NAME']}{suffix}") for suffix in BESIDE_A_DATABASE]


def _closed(path: Path) -> int:
    """Return the permissions that nobody shall have: those of others, and of the group unless it was let in alone."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return GROUP | OTHERS
    return OTHERS if mode & GROUP and not mode & OTHERS else GROUP | OTHERS


def _close(path: Path, closed: int) -> bool:
    try:
        mode = path.lstat().st_mode
        if mode & closed and not stat.S_ISLNK(mode) and os.name != "nt":
            path.chmod(stat.S_IMODE(mode) & ~closed)
    except FileNotFoundError:  # It has gone meanwhile.
        return True
    except OSError:
        return False
    return True
