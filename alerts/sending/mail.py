"""Mail by the server of EMAIL_URL."""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage

NO_SERVER = "This server has no mail server to send by: set EMAIL_URL (docs/alerts.md), or give an address of Apprise."


def send(address: str, subject: str, body: str, message_id: str) -> str:
    """Send a mail to one address, and return "" or a sentence that says why the mail server did not take it.

    The same `message_id` lets a mail program show a mail once that was sent again after a lost answer.
    """
    if not settings.EMAIL_HOST:
        return NO_SERVER
    headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated"}
    message = EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [address], headers=headers)
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        return f"The mail server does not take mail for this address: {code} {_text(answer)}."
    except smtplib.SMTPAuthenticationError:
        return "The mail server refuses the user name or the password of EMAIL_URL."
    except smtplib.SMTPResponseException as error:
        return f"The mail server refused: {error.smtp_code} {_text(error.smtp_error)}."
    except (OSError, smtplib.SMTPException) as error:
        return f"The mail server {settings.EMAIL_HOST}:{settings.EMAIL_PORT} was not reached: {error}."
    return ""


def message_id_of(number: int) -> str:
    """Return the Message-ID of a delivery: the same for each of its tries."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    return f"<freetemp-delivery-{number}@{domain}>"


def _text(answer: bytes | str) -> str:
    return " ".join((answer.decode(errors="replace") if isinstance(answer, bytes) else answer).split())[:200]
