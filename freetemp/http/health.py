"""Two addresses for balancers and for systemd: this process answers; and reports can be stored.

They are on boards' short way: no host is checked, and no session, cookie or redirect is in the way. Nothing is counted
and nothing is written.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.generic import View

from freetemp.disk_reserve import database_folder
from freetemp.read_only import is_read_only
from freetemp.sql import execute

KNOWN_FOR_S = 1  # Many balancers may ask: the database is asked once a second.
RETRY_AFTER_S = 5
LEAST_BYTES = 1_000_000  # of a disk on which SQLite can still commit
_PREPARED = "SELECT EXISTS (SELECT 1 FROM freetemp_wronglogins)"


class AliveView(View):
    """Answer that this process is alive. The database may be away: a restart would not bring it back."""

    answers_boards = True
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return _line(request, "alive")


class ReadyView(View):
    """Answer whether reports can be stored: the database is there, prepared, and can be written."""

    answers_boards = True
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        trouble = readiness.trouble()
        return _line(request, trouble, 503) if trouble else _line(request, "ready")


class Readiness:
    """What is known of the database, for a second."""

    def __init__(self) -> None:
        self._until, self._trouble = 0.0, ""

    def trouble(self) -> str:
        """Return why no report can be stored now, or nothing."""
        if time.monotonic() >= self._until:
            self._trouble = _trouble()
            self._until = time.monotonic() + KNOWN_FOR_S
        return self._trouble

    def forget(self) -> None:
        self._until = 0.0


def _trouble() -> str:
    folder = database_folder()
    if folder is not None and (is_read_only(folder) or _is_full(folder)):
        return "the database's disk is read-only or full"
    try:
        execute(_PREPARED, []).wait()
        if connection.vendor == "postgresql" and _only_reads():
            return "the database only reads"
    except DatabaseError:
        return "the database is away, or not prepared"
    return ""


def _only_reads() -> bool:
    """Tell whether PostgreSQL is a standby, or was told to take nothing."""
    ((mode,),) = execute("SELECT current_setting('transaction_read_only')", []).returned
    return bool(mode == "on")


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < LEAST_BYTES
    except OSError:
        return False


def _line(request: HttpRequest, line: str, status: int = 200) -> HttpResponse:
    headers: dict[str, Any] = {"Cache-Control": "no-store"}
    if status != 200:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    body = "" if request.method == "HEAD" else f"{line}\n"
    response = HttpResponse(body, status=status, content_type="text/plain; charset=utf-8", headers=headers)
    response["Content-Length"] = str(len(line) + 1)
    return response


readiness = Readiness()
