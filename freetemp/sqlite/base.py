"""Reads a database on a read-only disk, such as an SD card after an error: readings can be seen until it is replaced.

SQLite needs a file beside a database in WAL mode, even to read, and makes it at the first connection. If its folder
takes no file, there are two ways: after a clean end the database is whole by itself, and is opened as immutable. After
a power cut its -wal and -shm are there, and SQLite reads with them.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base

from freetemp.read_only import takes_files


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, with a connection for reading alone if the folder of the database cannot be written."""

    def connect(self) -> None:
        """Connect as Django does, but for one request if nothing can be written.

        A connection that is immutable promises that nothing changes. And while one connection of a process has the -shm
        for reading alone, no other can write when the disk takes files again.
        """
        super().connect()
        path = Path(str(self.settings_dict["NAME"]))
        if path.is_file() and not takes_files(path.parent):
            self.close_at = time.monotonic()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return super().get_new_connection(conn_params)
        except sqlite3.OperationalError:
            path = Path(str(conn_params["database"]))
            if not path.is_file() or takes_files(path.parent):
                raise
        self.init_commands = ["PRAGMA cache_size=-1000"]
        return super().get_new_connection(conn_params | {"database": _for_reading(path)})


def _for_reading(path: Path) -> str:
    wal = path.with_name(f"{path.name}-wal")
    is_whole = not wal.exists() or wal.stat().st_size == 0
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if is_whole else ''}"
