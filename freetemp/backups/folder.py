"""The folder of backups: the names in it, what may be deleted there, and whether there is room."""

from __future__ import annotations

import re
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from freetemp.backups.errors import BackupError

DAILY, SNAPSHOT = "freetemp", "before-upgrade"  # How the names of backups, and of what is kept longer, begin.
NAME = re.compile(rf"{DAILY}-\d{{8}}T\d{{6}}Z\.sqlite3")
PARTIAL = re.compile(rf"({DAILY}|{SNAPSHOT})-\d{{8}}T\d{{6}}Z\.sqlite3\.partial")
ABANDONED_AFTER_S = 3600  # A copy under way is written to all the time.


def usual_folder() -> Path:
    """Return where backups are unless another folder is named."""
    return Path(settings.VAR_DIR, "backups")


def timestamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")


def backups_in(folder: Path) -> list[Path]:
    """Return the backups of a folder, the oldest first, and nothing else: only they may be deleted."""
    return sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))


def newest_at() -> datetime | None:
    """Return when the newest backup in the usual folder was made, as its name says."""
    try:
        newest = backups_in(usual_folder())[-1].name
        return datetime.strptime(newest, "freetemp-%Y%m%dT%H%M%SZ.sqlite3").replace(tzinfo=UTC)
    except (OSError, IndexError, ValueError):  # No folder, nothing in it, or a day that there is not.
        return None


def delete_all_but(folder: Path, keep: int) -> None:
    """Delete the backups of a folder but for the newest `keep`. Raises BackupError."""
    try:
        for old in backups_in(folder)[:-keep]:
            old.unlink()
    except OSError as error:
        raise BackupError(f"{error}. Once that is mended, run this again.") from error


def remove_abandoned(folder: Path) -> None:
    """Delete what a killed backup left; one that still runs has written a moment ago."""
    for path in folder.iterdir():
        if PARTIAL.fullmatch(path.name) and time.time() - path.stat().st_mtime > ABANDONED_AFTER_S:
            path.unlink()


def check_room(source: Path, folder: Path) -> None:
    """Raise BackupError where a folder's disk has no room for a copy."""
    needed, free = source.stat().st_size, shutil.disk_usage(folder).free
    if needed > free:
        raise BackupError(f"{folder} has room for {free / 1e6:.0f} MB, and a backup needs {needed / 1e6:.0f} MB.")
