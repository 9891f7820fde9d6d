"""Mail by the server of EMAIL_URL."""

from __future__ import annotations

import smtplib
from email.mime.image import MIMEImage
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend

from alerts.sending.message import Leaves, Message, Rich, at_once
from freetemp.mail_errors import MAIL_ERRORS, in_a_sentence

NO_SERVER = "This server has no mail server to send by: set EMAIL_URL (docs/alerts.md), or give an address of Apprise."


def send(address: str, message: Message, leaves: Leaves = at_once) -> str:
    """Send a mail to one address, and return "" or a sentence that says why the mail server did not take it.

    The same `message_id` lets a mail program show a mail once that was sent again after a lost answer.
    """
    if not settings.EMAIL_HOST:
        return NO_SERVER
    try:
        mail = _mail(address, message)
        mail.connection = _connection(leaves)
        mail.send()
    except MAIL_ERRORS as error:
        return in_a_sentence(error)
    return ""


def _connection(leaves: Leaves) -> Any:
    """Return the connection to the mail server, which calls `leaves` before the text of a mail goes to it."""
    connection = get_connection()
    if isinstance(connection, EmailBackend):
        connection = _Leaving()
        connection.leaves = leaves
    else:  # It sends no mail, as in tests.
        leaves()
    return connection


class _Leaving(EmailBackend):
    """Connects, proves who it is, and names sender and recipient: all that before a mail may come."""

    leaves: Leaves = staticmethod(at_once)

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        leaves, kind = self.leaves, super().connection_class

        class Leaving(kind):  # type: ignore[misc, valid-type]
            def data(self, msg: Any) -> tuple[int, bytes]:
                leaves()
                return tuple(super().data(msg))

        return Leaving


class _Mail(EmailMultiAlternatives):
    mixed_subtype = "related"  # What is attached is shown in the HTML.


def _mail(address: str, message: Message) -> _Mail:
    headers = {"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"}
    sender = settings.DEFAULT_FROM_EMAIL
    mail = _Mail(message.subject, message.body, sender, [address], headers=headers)
    if message.rich:
        _enrich(mail, message.rich)
    return mail


def _enrich(message: _Mail, rich: Rich) -> None:
    message.attach_alternative(rich.html, "text/html")
    for name, png in rich.pictures:
        picture = MIMEImage(png, "png")
        picture.add_header("Content-ID", f"<{name}>")
        picture.add_header("Content-Disposition", "inline", filename=f"{name}.png")
        message.attach(picture)
    message.extra_headers["List-Unsubscribe"] = f"<{rich.ends_at}>"
    if rich.ends_at.startswith("https:"):  # RFC 8058 wants it: anybody on the way could read another address.
        message.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def message_id_of(number: int) -> str:
    """Return the Message-ID of a delivery: the same for each of its tries."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    return f"<freetemp-delivery-{number}@{domain}>"
