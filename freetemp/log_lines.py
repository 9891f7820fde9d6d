"""One line in the log, without a traceback, for what is no fault of freetemp's: scanners, and an absent database."""

from __future__ import annotations

import logging
import time
from http import HTTPStatus
from threading import Lock

from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import UnreadablePostError

from freetemp.damage import is_damage

AT_ONCE = 5  # Lines of one kind within a minute; the next one says how many were left out.
WITHIN_S = 60
LONGEST = 300


class OneLine(logging.Filter):
    """A logging filter. It shortens expected errors, and limits those that any client can cause by kind.

    A line with `extra={"every_s": 600}` is written once within that time.
    """

    def __init__(self) -> None:
        super().__init__()
        self._limits: dict[str, _Limit] = {}
        self._lock = Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, SuspiciousOperation | UnreadablePostError):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            _shorten(record, f"{type(error).__name__}: {error}")
            return self._is_within(record, type(error).__name__, AT_ONCE, WITHIN_S)
        if error is None and getattr(record, "status_code", None) == HTTPStatus.SERVICE_UNAVAILABLE:
            return False  # A view's own answer to come again later, such as that to one download too many.
        if isinstance(error, OperationalError | InterfaceError) or is_damage(error):
            _shorten(record, f"{record.getMessage()}: {error}")
        every_s = getattr(record, "every_s", None)
        return every_s is None or self._is_within(record, f"{record.name} {record.msg}", 1, every_s)

    def _is_within(self, record: logging.LogRecord, kind: str, at_once: int, within_s: float) -> bool:
        with self._lock:
            limit = self._limits.setdefault(kind, _Limit())
            is_shown, left_out = limit.take(time.monotonic(), at_once, within_s)
        if is_shown and left_out:
            record.msg, record.args = f"{record.getMessage()} ({left_out} more like it were left out)", None
        return is_shown


class _Limit:
    """The lines of one kind: since when they are counted, how many were shown, and how many were left out."""

    def __init__(self) -> None:
        self._since, self._shown, self._left_out = float("-inf"), 0, 0

    def take(self, now: float, at_once: int, within_s: float) -> tuple[bool, int]:
        """Return whether to show another line, and how many were left out before it."""
        left_out = 0
        if now - self._since >= within_s:
            left_out, self._since, self._shown, self._left_out = self._left_out, now, 0, 0
        if self._shown >= at_once:
            self._left_out += 1
            return False, 0
        self._shown += 1
        return True, left_out


def _shorten(record: logging.LogRecord, line: str) -> None:
    record.msg, record.args = " ".join(line.split())[:LONGEST], None
    record.exc_info = record.exc_text = record.stack_info = None
