"""The sessions of a person: where they are logged in, and the end of that.

A session knows itself when and from where it was begun, so no page view writes anything. They are found by looking at
all that last, which takes 30 µs for each: people ask for it a few times a year.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.sessions.models import Session
from django.db import OperationalError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.login.deeds import deed
from accounts.models import Invitation
from freetemp.http.proxies import client_address

BEGUN = "begun"  # In a session: the second of its login, the address and the browser.
LONGEST_BROWSER = 300


class Held(NamedTuple):
    """A session that lasts. Its key is a secret: pages have its mark."""

    key: str
    begun_at: datetime | None
    address: str
    browser: str

    @property
    def mark(self) -> str:
        return hashlib.sha256(self.key.encode()).hexdigest()[:24]


def begin(request: HttpRequest) -> None:
    """Have a session know when and from where it was begun. Forget what is over and has people's addresses."""
    with suppress(OperationalError):  # The disk is full, and people log in all the same.
        Session.objects.filter(expire_date__lt=timezone.now()).delete()
        Invitation.objects.forget_addresses()
    browser = request.META.get("HTTP_USER_AGENT", "")[:LONGEST_BROWSER]
    request.session[BEGUN] = [int(timezone.now().timestamp()), client_address(request.META), browser]


def of(user: User | AnonymousUser) -> list[Held]:
    """Return the sessions of a person that still let somebody in, the newest first."""
    found = [_held(row.session_key, held) for row, held in _all() if _is_of(user, held)]
    return sorted(found, key=lambda each: each.begun_at or datetime.min.replace(tzinfo=UTC), reverse=True)


def end(sessions: Iterable[Held]) -> None:
    Session.objects.filter(session_key__in=[each.key for each in sessions]).delete()


def end_others(user: User, here: str | None) -> None:
    """End all sessions of a person, except for the one with this key."""
    end(each for each in of(user) if each.key != here)


@transaction.atomic
def end_all(request: HttpRequest, user: User) -> int:
    """End all sessions of a person, as an administrator does. Return how many there were."""
    found = of(user)
    end(found)
    deed(request, user, "sessions ended", {"sessions": len(found)})
    return len(found)


def _all() -> Iterable[tuple[Session, dict[str, Any]]]:
    for row in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        yield row, row.get_decoded()


def _is_of(user: User | AnonymousUser, held: dict[str, Any]) -> bool:
    if user.is_anonymous or held.get(SESSION_KEY) != str(user.pk):
        return False
    return constant_time_compare(held.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())


def _held(key: str, held: dict[str, Any]) -> Held:
    at, address, browser = held.get(BEGUN) or (None, "", "")
    return Held(key, datetime.fromtimestamp(at, UTC) if at else None, address, browser)
