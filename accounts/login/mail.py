"""A mail to the owner of an account about what happened to it, if this server has mail and the account an address."""

from __future__ import annotations

import logging
import smtplib
from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.login.devices import device_name
from accounts.models import language_of
from freetemp.background import in_background
from freetemp.http.proxies import client_address
from freetemp.translations import in_language

logger = logging.getLogger(__name__)

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
    "second factor reset": gettext_noop("An administrator removed your second factor and ended all your sessions."),
    "wrong codes": gettext_noop("Somebody who knows your password typed many wrong codes. Change your password."),
}


def tell(request: HttpRequest | None, user: User, what: str) -> None:
    """Send the mail about a deed when the present transaction is done. Nobody waits for the mail server."""
    if what not in TOLD or not (settings.EMAIL_HOST and user.email):
        return
    with in_language(language_of(user) or settings.LANGUAGE_CODE):
        letter = _letter(request, user, _(TOLD[what]))
    transaction.on_commit(lambda: in_background("account-mail", lambda: _send(letter)))


def _letter(request: HttpRequest | None, user: User, what: str) -> EmailMessage:
    lines = [_("Hello %(name)s,") % {"name": user.get_username()}, what, *_circumstances(request)]
    lines += [
        _("If it was you, there is nothing to do. If not, change your password and end all other sessions here:"),
        f"{settings.SERVER_URL}/account/",
    ]
    subject = _("Your account at %(server)s") % {"server": settings.SERVER_URL.partition("://")[2]}
    # Without a name, Django asks the network for this machine's.
    own_id = make_msgid(domain=urlsplit(settings.SERVER_URL).hostname)
    headers = {"Message-ID": own_id, "Auto-Submitted": "auto-generated"}
    body = "\n\n".join(lines) + "\n"
    return EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [user.email], headers=headers)


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


def _send(letter: EmailMessage) -> None:
    try:
        letter.send()
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("A mail about an account was not sent: %s", error)
