"""The rule about second factors: who must have one, and whether a session has shown one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest

from stations.access import access_of

RECORDS = "account_authentication_methods"  # In a session: allauth's, with a row for each secret that was right.


def needs_factor(user: User | AnonymousUser) -> bool:
    """Tell whether a person must show a second factor before anything else is for them, by SECOND_FACTOR."""
    if settings.SECOND_FACTOR == "everybody":
        return user.is_authenticated
    return settings.SECOND_FACTOR == "staff" and user.is_authenticated and access_of(user).enters_admin


def has_shown_factor(request: HttpRequest) -> bool:
    """Tell whether a second factor was part of this session, of its login or later."""
    records: list[dict[str, Any]] = request.session.get(RECORDS) or []
    return any(record.get("method") == "mfa" for record in records)


def is_half_in(request: HttpRequest, user: User | AnonymousUser) -> bool:
    """Tell whether this session lacks the second factor that its person must show, such as one of before the rule."""
    return needs_factor(user) and not has_shown_factor(request)
