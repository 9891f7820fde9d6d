"""The folder of backups: its names, its old files that may be deleted, and its free room."""

from __future__ import annotations

import re
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from freetemp.backups.errors import BackupError

DAILY, SNAPSHOT = "freetemp", "before-upgrade"  # Their names begin so. Snapshots are kept longer.
NAME = re.compile(rf"{DAILY}-\d{{8}}T\d{{6}}Z\.sqlite3")
PARTIAL = re.compile(rf"({DAILY}|{SNAPSHOT})-\d{{8}}T\d{{6}}Z\.sqlite3\.partial")
ABANDONED_AFTER_S = 3600  # A copy that is under way is written to all the time.
AHEAD = timedelta(minutes=5)


def usual_folder() -> Path:
    """Return the folder of backups that is used unless another is named."""
    return Path(settings.VAR_DIR, "backups")


def timestamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")


def backups_in(folder: Path) -> list[Path]:
    """Return the backups of a folder, the oldest first. Other files are left out: only backups may be deleted.

    Those from the future come before all others: a clock that was ahead made them, before the newest of the others.
    """
    found = (path for path in folder.iterdir() if NAME.fullmatch(path.name))
    return sorted(found, key=lambda path: (not _is_ahead(path), path.name))


def _is_ahead(path: Path) -> bool:
    made_at = _made_at(path)
    return made_at is not None and made_at > timezone.now() + AHEAD


def _made_at(path: Path) -> datetime | None:
    try:
        return datetime.strptime(path.name, "freetemp-%Y%m%dT%H%M%SZ.sqlite3").replace(tzinfo=UTC)
    except ValueError:  # The day does not exist.
        return None


def newest_at() -> datetime | None:
    """Return the moment of the newest backup in the usual folder, by its name. One from the future does not count."""
    try:
        newest = backups_in(usual_folder())[-1]
    except (OSError, IndexError):  # There is no folder, or it is empty.
        return None
    return None if _is_ahead(newest) else _made_at(newest)


def delete_all_but(folder: Path, keep: int) -> None:
    """Delete all backups of a folder except the newest `keep`. Raises BackupError."""
    try:
        for old in backups_in(folder)[:-keep]:
            old.unlink()
    except OSError as error:
        raise BackupError(f"{error}. Once that is mended, run this again.") from error


def remove_abandoned(folder: Path) -> None:
    """Delete the remains of killed backups. A backup that still runs has written a moment ago."""
    for path in folder.iterdir():
        if PARTIAL.fullmatch(path.name) and abs(time.time() - path.stat().st_mtime) > ABANDONED_AFTER_S:
            path.unlink()


def check_room(source: Path, folder: Path) -> None:
    """Raise BackupError if a folder's disk has no room for a copy."""
    needed, free = source.stat().st_size, shutil.disk_usage(folder).free
    if needed > free:
        raise BackupError(f"{folder} has room for {free / 1e6:.0f} MB, and a backup needs {needed / 1e6:.0f} MB.")
