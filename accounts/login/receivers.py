"""What follows a login, and a change of second factors."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.signals import authentication_step_completed, user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_used
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation

from accounts.login import devices, sessions
from accounts.login.deeds import deed, deed_if_possible
from accounts.models import remember_language
from freetemp.http.proxies import client_address
from freetemp.logins import wrong_passwords

logger = logging.getLogger(__name__)

Kind = Authenticator.Type
ADDED = {Kind.TOTP: "app added", Kind.WEBAUTHN: "passkey added", Kind.RECOVERY_CODES: "recovery codes made"}
REMOVED = {Kind.TOTP: "app removed", Kind.WEBAUTHN: "passkey removed"}


@receiver(user_logged_in)
def follow_login(request: HttpRequest, user: User, response: HttpResponseBase, **_: Any) -> None:
    """Have the session know where it began, and tell the owner of a browser that was never used for the account."""
    sessions.begin(request)
    _say(request, user, "Logged in")
    if devices.is_known(request, user):
        remember_language(user, translation.get_language())
    else:
        browser = devices.device_name(request.META.get("HTTP_USER_AGENT", ""))
        deed_if_possible(request, user, "signed in from a new device", {"browser": browser})
    devices.remember(request, response, user)


@receiver(authentication_step_completed)
def follow_confirmation(request: HttpRequest, user: User, reauthenticated: bool = False, **_: Any) -> None:
    """Give a session a new key after somebody has shown again who is here, as a login does."""
    if reauthenticated:
        request.session.cycle_key()
        _say(request, user, "Confirmed who is here", last_only=True)


@receiver(user_logged_out)
def follow_logout(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        _say(request, user, "Logged out")


def _say(request: HttpRequest, user: User, what: str, *, last_only: bool = False) -> None:
    """Write a line of what worked, beside those of wrong passwords: by which means, and nothing that was typed."""
    records = get_authentication_records(request, user)[-1 if last_only else 0 :]
    means = [record.get("type") or record.get("method") for record in records]
    by = f", by {' and '.join(map(str, means))}" if means else ""
    logger.info("%s from %s: user %d%s.", what, client_address(request.META) or "an unknown address", user.pk, by)


@receiver(post_save, sender=User)
def follow_switching_off(instance: User, created: bool, raw: bool, **_: Any) -> None:
    """End the sessions of somebody who leaves. None wakes if the account is switched on again."""
    if not (created or raw or instance.is_active):
        sessions.end(sessions.of(instance))


@receiver(pre_delete, sender=User)
def follow_deletion(instance: User, **_: Any) -> None:
    sessions.end(sessions.of(instance))


@receiver(authentication_failed)
def follow_wrong_factor(request: HttpRequest, user: User | None, **_: Any) -> None:
    """Write the line of a wrong code or passkey, and count it for the overview."""
    if user is None:
        wrong_passwords.say(request.META, "passkey", "nobody")
    else:
        wrong_passwords.say(request.META, "code", f"user {user.pk}")
    wrong_passwords.note(request.META)


@receiver(authenticator_used)
def follow_factor(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == Kind.RECOVERY_CODES:
        deed_if_possible(request, user, "recovery code used", {"address": client_address(request.META)})


@receiver(post_save, sender=Authenticator)
def follow_added(instance: Authenticator, created: bool, raw: bool, **_: Any) -> None:
    """Write it down. A new factor has just been shown, so this session has; all others began without it, and end.

    One that `loaddata` brings is old, and its person may not be there yet.
    """
    if not created or raw:
        return
    request = request_now()
    deed(request, instance.user, ADDED[Kind(instance.type)])
    if request is not None and instance.type != Kind.RECOVERY_CODES:
        record_authentication(request, instance.user, "mfa", id=instance.pk, type=instance.type)
        sessions.end_others(instance.user, request.session.session_key)


@receiver(post_delete, sender=Authenticator)
def follow_removed(instance: Authenticator, origin: Any, **_: Any) -> None:
    """Write it down, unless it goes with its person. Sessions that began by a factor that was lost end."""
    if instance.type in REMOVED and isinstance(origin, Authenticator):
        request = request_now()
        deed(request, instance.user, REMOVED[Kind(instance.type)])
        sessions.end_others(instance.user, request.session.session_key if request else None)


def request_now() -> HttpRequest | None:
    from allauth.core import context

    found: HttpRequest | None = context.request
    return found
