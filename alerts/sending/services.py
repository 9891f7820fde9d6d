"""The addresses that a channel may have: mail, and the services of Apprise that are for people.

Apprise knows more, such as D-Bus and files of further addresses: those act on this machine, and are refused.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet

from alerts.models import Channel, Recipient

MAIL = "mail"
PHONE = "phone"  # A browser: it comes by a link, and nobody types its address.
SERVICES = {
    "ntfy": "ntfy",
    "ntfys": "ntfy",
    "tgram": "Telegram",
    "matrix": "Matrix",
    "matrixs": "Matrix",
    "signal": "Signal",
    "signals": "Signal",
    "gotify": "Gotify",
    "gotifys": "Gotify",
    "pover": "Pushover",
    "discord": "Discord",
    "slack": "Slack",
    "mmost": "Mattermost",
    "mmosts": "Mattermost",
    "rocket": "Rocket.Chat",
    "rockets": "Rocket.Chat",
    "workflows": "Teams",
    "json": "webhook",
    "jsons": "webhook",
    "form": "webhook",
    "forms": "webhook",
    "mailto": "mail by its own server",
    "mailtos": "mail by its own server",
}


def service_of(address: str) -> str:
    """Return what an address belongs to, like “ntfy”. Raises ValidationError with a sentence if it is none."""
    scheme, is_url, rest = address.partition("://")
    if is_url:
        if (service := SERVICES.get(scheme.lower())) and rest.strip("/"):
            return service
        known = ", ".join(sorted(set(SERVICES)))
        raise ValidationError(
            f"freetemp sends nothing to {scheme[:20]}:// addresses. It knows these of Apprise: {known}. An https:// "
            "address of your own is written as jsons://host/path."
        )
    try:
        validate_email(address)
    except ValidationError:
        raise ValidationError(
            "Give a mail address like anna@school.example, or an address of Apprise like ntfys://ntfy.sh/topic."
        ) from None
    return MAIL


def mail_addresses(recipient: Recipient) -> QuerySet[Channel]:
    """Return a recipient's channels that take letters."""
    return recipient.channels.filter(service=MAIL, active=True)
