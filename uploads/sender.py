"""A file that says that uploads are to be sent: `bootstrap.py serve` runs a process for it while it is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from uploads.models import Upload

NAME = "uploads-wanted"  # bootstrap.py looks for it too.


def call_sender() -> None:
    """Have a process start, if none runs."""
    _file().touch()


def dismiss_sender() -> None:
    """Have none start again."""
    _file().unlink(missing_ok=True)


def call_if_active(**kwargs: Any) -> None:
    """Call it if an upload is active: a receiver of post_migrate, since a database may come from another machine."""
    if Upload._meta.db_table not in connection.introspection.table_names():
        return  # Another app is migrated alone.
    (call_sender if Upload.objects.wanted().exists() else dismiss_sender)()


def _file() -> Path:
    return Path(settings.VAR_DIR, NAME)
