"""A mail to the owner of an account about what happened to it, if this server has mail and the account an address."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.letters import has_mail, letter, send_later
from accounts.login.devices import device_name
from accounts.models import language_of
from freetemp.http.proxies import client_address
from freetemp.translations import in_language

# What is told, by the deed. Whatever else happens is not told.
TOLD = {
    "signed in from a new device": gettext_noop("Somebody logged in to your account with a new browser."),
    "password changed": gettext_noop("The password of your account was changed."),
    "app added": gettext_noop("An app for codes was added to your account as second factor."),
    "app removed": gettext_noop("The app for codes was removed from your account."),
    "passkey added": gettext_noop("A passkey was added to your account."),
    "passkey removed": gettext_noop("A passkey was removed from your account."),
    "recovery codes made": gettext_noop("New recovery codes were made for your account. The old ones are void."),
    "recovery code used": gettext_noop("Somebody logged in to your account with a recovery code."),
    "single sign-on connected": gettext_noop(
        "Your account was connected with the single sign-on: whoever logs in there comes into it."
    ),
    "single sign-on disconnected": gettext_noop("Your account was disconnected from the single sign-on."),
    "second factor reset": gettext_noop("An administrator removed your second factor and ended all your sessions."),
    "wrong codes": gettext_noop("Somebody who knows your password typed many wrong codes. Change your password."),
}


def tell(request: HttpRequest | None, user: User, what: str) -> None:
    """Send the mail about a deed when the present transaction is done. Nobody waits for the mail server."""
    if what not in TOLD or not (has_mail() and user.email):
        return
    with in_language(language_of(user) or settings.LANGUAGE_CODE):
        written = _letter(request, user, _(TOLD[what]))
    transaction.on_commit(lambda: send_later(written))


def _letter(request: HttpRequest | None, user: User, what: str) -> EmailMessage:
    lines = [_("Hello %(name)s,") % {"name": user.get_username()}, what, *_circumstances(request)]
    lines += [
        _("If it was you, there is nothing to do. If not, change your password and end all other sessions here:"),
        f"{settings.SERVER_URL}/account/",
    ]
    subject = _("Your account at %(server)s") % {"server": settings.SERVER_URL.partition("://")[2]}
    return letter(user.email, subject, lines)


def _circumstances(request: HttpRequest | None) -> list[str]:
    at = f"{timezone.now():%Y-%m-%d %H:%M} UTC"
    if request is None:
        return [_("When: %(at)s") % {"at": at}]
    values = {
        "at": at,
        "address": client_address(request.META) or _("unknown"),
        "browser": device_name(request.META.get("HTTP_USER_AGENT", "")),
    }
    return [_("When: %(at)s. From: %(address)s. With: %(browser)s.") % values]
