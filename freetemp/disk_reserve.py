"""The part of the disk that is kept for boards' single values and for staff, who have to log in to make room."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from django.conf import settings
from django.db import connection

MB = 1_000_000
LOOK_EVERY_S = 2
RETRY_AFTER_S = 60


def reserve(disk: int) -> int:
    """Return the bytes that are kept of a disk of so many bytes: DISK_RESERVE_MB, or 1 % within reasonable limits."""
    if settings.DISK_RESERVE_MB is not None:
        return int(settings.DISK_RESERVE_MB) * MB
    return min(max(disk // 100, 100 * MB), 1_000 * MB, disk // 4)


def database_folder() -> Path | None:
    """Return the folder whose disk the database grows on, or None if that is another server's business."""
    return Path(connection.settings_dict["NAME"]).parent if connection.vendor == "sqlite" else None


class DiskReserve:
    """Tells whether only the reserve of a disk is left. It looks every two seconds at most."""

    def __init__(self) -> None:
        self._looked: dict[Path, tuple[float, bool]] = {}

    def is_reached(self, folder: Path | None) -> bool:
        """A folder that cannot be asked is not a full one."""
        if folder is None:
            return False
        looked_at, is_reached = self._looked.get(folder, (0.0, False))
        if not looked_at or time.monotonic() - looked_at > LOOK_EVERY_S:
            is_reached = _is_reached(folder)
            self._looked[folder] = time.monotonic(), is_reached
        return is_reached


def _is_reached(folder: Path) -> bool:
    try:
        disk, _, free = shutil.disk_usage(folder)
    except OSError:
        return False
    return free < reserve(disk)


disk_reserve = DiskReserve()
