"""Sessions in the database, and in a signed cookie while the database cannot be written.

The overview says that a disk is full, and how to make room: whoever is to read it has to log in first.
"""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.models import update_last_login
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.core import signing
from django.db import OperationalError

logger = logging.getLogger(__name__)

SIGNED = "signed:"
SIGNED_FOR_S = 3600  # Logging out does not end it, so it is short.


class SessionStore(db.SessionStore):
    """Django's. Its key holds the session itself, signed, if the database could not take it."""

    @property
    def _is_signed(self) -> bool:
        return (self.session_key or "").startswith(SIGNED)

    def load(self) -> dict[str, Any]:
        if not self._is_signed:
            return super().load()
        try:
            text = (self.session_key or "").removeprefix(SIGNED)
            held: dict[str, Any] = signing.loads(text, salt=__name__, serializer=self.serializer, max_age=SIGNED_FOR_S)
        except signing.BadSignature:
            self._session_key = None
            return {}
        return held

    def save(self, must_create: bool = False) -> None:
        if self._is_signed:
            self._session_key, must_create = None, True
        try:
            super().save(must_create)
        except (OperationalError, UpdateError) as error:
            if not isinstance(error, OperationalError) and not isinstance(error.__context__, OperationalError):
                raise  # It was ended in the meantime.
            held = dict(self.items())
            self._session_key = SIGNED + signing.dumps(held, salt=__name__, serializer=self.serializer, compress=True)
            self.modified = True

    def delete(self, session_key: str | None = None) -> None:
        if (session_key or self.session_key or "").startswith(SIGNED):
            return
        try:
            super().delete(session_key)
        except OperationalError:
            if not self._is_signed:
                raise  # Whoever logs out is not told that it worked.


def update_last_login_if_possible(sender: Any, user: Any, **more: Any) -> None:
    """Do as Django does after a login, and let people in if it cannot be written."""
    try:
        update_last_login(sender, user, **more)
    except OperationalError:
        logger.warning("A login is not dated: the database cannot be written.")
