"""Browsers that become channels: what this server lacks for them, and what a subscription has to be."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from alerts.models import Channel, Invitation, PushKey, Recipient
from alerts.sending.contact import NO_CONTACT, administrators_address
from alerts.sending.services import PHONE
from audit.deeds import record
from freetemp.conf.environment import LOCAL_HOSTS
from freetemp.encryption import NO_KEY, EncryptionError
from freetemp.formatting import dated

MOST_PHONES = 20  # of one recipient
MOST_OF_AN_ENDPOINT = 1000  # characters; the longest known are Microsoft's, of 700
POINT_BYTES, AUTH_BYTES = 65, 16
NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
NO_TLS = (
    "Browsers take messages only from pages with HTTPS, and SERVER_URL is an http:// address: docs/deploy.md says how "
    "a server gets HTTPS, and docs/alerts.md what there is without it."
)
NO_PUSH_KEY = "This server has no key for phones yet: run python manage.py prepare."
# The first that is found in a browser's User-Agent. Most name others, too.
BROWSERS = {
    "Edg": "Edge",
    "SamsungBrowser": "Samsung Internet",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "Chrome": "Chrome",
    "CriOS": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


class SubscriptionError(ValueError):
    """A browser cannot become a channel. The message is a sentence in the page's language."""


def obstacle() -> str:
    """Return why this server can send nothing to phones, as a sentence for staff, or ""."""
    server = urlsplit(settings.SERVER_ORIGIN)
    if server.scheme != "https" and server.hostname not in LOCAL_HOSTS:
        return NO_TLS
    if not settings.ENCRYPTION_KEYS:
        return NO_KEY
    if not administrators_address():
        return NO_CONTACT
    return "" if PushKey.objects.usable() else NO_PUSH_KEY


@sensitive_variables()
def subscription_of(given: Mapping[str, str]) -> dict[str, str]:
    """Return what a browser gave, if it is a subscription. Raises SubscriptionError."""
    subscription = {name: given.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    if not _is_endpoint(subscription["endpoint"]):
        raise SubscriptionError(_("This browser names a push service that freetemp does not use. Try another browser."))
    if not _is_of(POINT_BYTES, subscription["p256dh"]) or not _is_of(AUTH_BYTES, subscription["auth"]):
        raise SubscriptionError(_("This browser has given no keys to encrypt messages for it. Load the page again."))
    return subscription


@sensitive_variables()
def accept(invitation: Invitation, subscription: Mapping[str, str], user_agent: str, at: datetime) -> Channel:
    """Make a browser a channel of the recipient who was invited, once. Raises SubscriptionError, EncryptionError."""
    recipient = invitation.recipient
    with transaction.atomic():
        Recipient.objects.select_for_update().get(pk=recipient.pk)  # Two at once would both be the twentieth.
        used, _rows = Invitation.objects.filter(pk=invitation.pk, digest=invitation.digest).delete()
        phones = recipient.channels.filter(service=PHONE)
        phones.filter(encrypted_address="").delete()  # They have ended, and this is what mends it.
        known = next((each for each in phones if _endpoint(each) == subscription["endpoint"]), None)
        if not used:
            raise SubscriptionError(_("This link was used just now."))
        if known is None and phones.count() >= MOST_PHONES:
            raise SubscriptionError(
                _("%(name)s has %(count)d browsers already. One has to go before another one comes.")
                % {"name": recipient.name, "count": MOST_PHONES}
            )
        channel = known or Channel(recipient=recipient)
        key = PushKey.objects.usable()
        channel.set_address(json.dumps({**subscription, "key": key.public_key if key else ""}), PHONE)
        channel.name = f"{browser_named(user_agent)}, {dated(at.astimezone(recipient.zone), 'j M')}"
        channel.active, channel.trouble = True, ""
        channel.save()
        record("phone added", of=recipient, what=f"{recipient}: {channel}")
        return channel


def browser_named(user_agent: str) -> str:
    """Return “Firefox on Android”, as far as the browser says it."""
    browser = next((name for part, name in BROWSERS.items() if f"{part}/" in user_agent), "A browser")
    system = next((name for part, name in SYSTEMS.items() if part in user_agent), "")
    return f"{browser} on {system}" if system else browser


def _endpoint(phone: Channel) -> str:
    try:
        return str(json.loads(phone.address())["endpoint"])
    except EncryptionError:
        return ""


def _is_endpoint(endpoint: str) -> bool:
    """Tell whether it is an https address by a name: a literal one cannot be signed, and may be in this network."""
    if not endpoint.isascii() or not endpoint.isprintable() or len(endpoint) > MOST_OF_AN_ENDPOINT:
        return False
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return parts.scheme == "https" and port != 0 and "@" not in parts.netloc and _is_name(host) and " " not in endpoint


def _is_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return NAME.fullmatch(host) is not None and not host.rpartition(".")[2].isdecimal()
    return False


def _is_of(size: int, text: str) -> bool:
    """Tell whether it is so many bytes as base64url."""
    try:
        return len(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)) == size
    except (binascii.Error, ValueError):
        return False
