"""The base of freetemp's commands: a database or a disk that fails ends them with a sentence, and no traceback."""

from __future__ import annotations

import errno
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.core.management import base
from django.db import InterfaceError, OperationalError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_NOT_OURS = {errno.EROFS, errno.EACCES, errno.EPERM}
_running: ContextVar[str] = ContextVar("running_command", default="")


def running() -> str:
    """Return the name of the command that runs now, the innermost one, or nothing outside of any."""
    return _running.get()


def remedy(error: Exception) -> str | None:
    """Return what to do about an error of the database or of a disk, or None for another error."""
    code = error.errno if isinstance(error, OSError) else None
    if code is None and not isinstance(error, OperationalError | InterfaceError):
        return None
    text = " ".join(str(error).split())
    place = getattr(error, "filename", None) or settings.VAR_DIR
    if code in _FULL or "is full" in text or "No space left" in text:
        return f"The disk of {place} is full: make room, old backups and logs go first. Then run this again."
    if code in _NOT_OURS or "readonly" in text or "unable to open" in text:
        return (
            f"{place} cannot be written: see whether it belongs to the user who runs this, and whether its disk is "
            "mounted read-only. Then run this again."
        )
    if code is not None:
        return None
    if "locked" in text:
        return "The database is busy: another program has been writing for seconds. Run this again in a minute."
    if "no such table" in text or "no such column" in text:
        return "The database is older than this program: run `python manage.py prepare`, then this again."
    return f"The database cannot do it: {text}. Once that is mended, run this again."


class BaseCommand(base.BaseCommand):
    """Django's, with a CommandError for a database or a disk that cannot do what the command wants."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        token = _running.set(type(self).__module__.rpartition(".")[2])
        try:
            return super().execute(*args, **options)
        except (OperationalError, InterfaceError, OSError) as error:
            advice = remedy(error)
            if advice is None:
                raise
            raise base.CommandError(advice) from error
        finally:
            _running.reset(token)
