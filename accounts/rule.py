"""The rule about second factors: who must have one, and whether a session has shown one, or can."""

from __future__ import annotations

import time

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest

from stations.access import access_of

# What a session knows of a login by the single sign-on: its method, and whether that counts as a second factor.
SIGN_ON, SHOWN_ELSEWHERE = "sso", "factor"


def needs_factor(user: User | AnonymousUser) -> bool:
    """Tell whether a person must show a second factor before anything else is for them, by SECOND_FACTOR."""
    if settings.SECOND_FACTOR == "everybody":
        return user.is_authenticated
    return settings.SECOND_FACTOR == "staff" and user.is_authenticated and access_of(user).enters_admin


def has_shown_factor(request: HttpRequest, user: User | AnonymousUser) -> bool:
    """Tell whether a person showed a second factor in this session, at its login or later. Another's is none."""
    records = get_authentication_records(request, user)
    return any(record.get("method") == "mfa" or record.get(SHOWN_ELSEWHERE) is True for record in records)


def confirmed_by_sign_on(request: HttpRequest, user: User | AnonymousUser) -> bool:
    """Tell whether a person has confirmed who is here by the single sign-on, a few minutes ago at most."""
    since = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request, user)
    return any(
        record.get("method") == SIGN_ON and record.get("reauthenticated") and record["at"] > since for record in records
    )


def is_half_in(request: HttpRequest, user: User | AnonymousUser) -> bool:
    """Tell whether this session lacks the second factor that its person must show, such as one of before the rule."""
    return needs_factor(user) and not has_shown_factor(request, user)


def can_confirm(request: HttpRequest) -> bool:
    """Tell whether somebody has a password or a factor here to show again. Whoever comes in by another way has none."""
    return bool(get_adapter().get_reauthentication_methods(request.user))
