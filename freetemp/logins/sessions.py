"""Sessions in the database, and in a signed cookie while the database cannot be written.

The overview says that a disk is full, and how to make room: whoever is to read it has to log in first.

A session of the database ends SESSION_HOURS after its login, whatever is done with it, and SESSION_IDLE_HOURS after the
last page. The row knows when, and the login is in it. So that a page view writes nothing, a row is put off only when an
eighth of the idle time is over.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import update_last_login
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.core import signing
from django.db import OperationalError
from django.utils import timezone

logger = logging.getLogger(__name__)

SIGNED = "signed:"
SIGNED_FOR_S = 3600  # Logging out does not end it, so it is short.
SINCE = "since"  # In a session: the second of its login.


class SessionStore(db.SessionStore):
    """Django's. Its key holds the session itself, signed, if the database could not take it."""

    @property
    def _is_signed(self) -> bool:
        return (self.session_key or "").startswith(SIGNED)

    def load(self) -> dict[str, Any]:
        if not self._is_signed:
            return self._load_row()
        try:
            text = (self.session_key or "").removeprefix(SIGNED)
            held: dict[str, Any] = signing.loads(text, salt=__name__, serializer=self.serializer, max_age=SIGNED_FOR_S)
        except signing.BadSignature:
            self._session_key = None
            return {}
        return held

    def _load_row(self) -> dict[str, Any]:
        row = self._get_session_from_db()  # type: ignore[attr-defined]  # django-stubs do not have it
        held: dict[str, Any] = self.decode(row.session_data) if row is not None else {}
        if SINCE in held and not self._goes_on(row, _ends(held)):
            self._session_key = None
            return {}
        return held

    def _goes_on(self, row: Any, ends: datetime) -> bool:
        """Tell whether a session is not over, and write its new end into the row, now and then, if that is possible."""
        if abs(ends - row.expire_date) > timedelta(seconds=settings.SESSION_IDLE_S / 8):
            try:
                self.model.objects.filter(pk=row.pk).update(expire_date=ends)
            except OperationalError:
                logger.debug("A session is not put off: the database cannot be written.")
        return ends > timezone.now()

    def get_expiry_date(self, **known: Any) -> datetime:
        """Return when the row ends: Django's, or that of a login."""
        usual: datetime = super().get_expiry_date(**known)
        return min(usual, _ends(dict(self.items()))) if SINCE in self else usual

    def get_expiry_age(self, **known: Any) -> int:
        """Return for how many seconds a browser keeps the cookie: until the login is over, idle or not."""
        usual: int = super().get_expiry_age(**known)
        if SINCE not in self:
            return usual
        return max(0, min(usual, int(self[SINCE] + settings.SESSION_COOKIE_AGE - timezone.now().timestamp())))

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


def _ends(held: dict[str, Any]) -> datetime:
    """Return when a session ends in which a page was seen just now. A login may have brought an end of its own."""
    idle = timezone.now() + timedelta(seconds=settings.SESSION_IDLE_S)
    longest = datetime.fromtimestamp(held[SINCE] + settings.SESSION_COOKIE_AGE, UTC)
    own = held.get("_session_expiry")
    return min(idle, longest, datetime.fromisoformat(own) if isinstance(own, str) else longest)


def note_login(sender: Any, request: Any, user: Any, **more: Any) -> None:
    request.session[SINCE] = int(timezone.now().timestamp())


def update_last_login_if_possible(sender: Any, user: Any, **more: Any) -> None:
    """Do as Django does after a login, and let people in if it cannot be written."""
    try:
        update_last_login(sender, user, **more)
    except OperationalError:
        logger.warning("A login is not dated: the database cannot be written.")
