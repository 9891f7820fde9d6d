"""Errors of a mail server, in a sentence for whoever wanted to send, and in a shorter one for the log."""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.utils.translation import gettext as _

# Django takes names of hosts that no mail server can be told, with a part of more than 63 characters: a UnicodeError.
MAIL_ERRORS = (OSError, smtplib.SMTPException, UnicodeError)
LONGEST_ANSWER = 200


def in_a_sentence(error: Exception) -> str:
    """Return why the mail server did not take a mail, with its own answer. That may name the mail's address."""
    if isinstance(error, UnicodeError):
        return _("This address cannot be told to a mail server.")
    code, answer = _answer_of(error)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        values = {"code": code, "answer": answer}
        return _("The mail server does not take mail for this address: %(code)s %(answer)s.") % values
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _("The mail server refuses the user name or the password of EMAIL_URL.")
    if code:
        return _("The mail server refused: %(code)s %(answer)s.") % {"code": code, "answer": answer}
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    return _("The mail server %(server)s was not reached: %(error)s.") % {"server": server, "error": error}


def is_about_address(error: Exception) -> bool:
    """Tell whether it is the mail's address that the mail server does not take: other mails may go out."""
    return isinstance(error, smtplib.SMTPRecipientsRefused | UnicodeError)


def without_address(error: Exception) -> str:
    """Return the same for the log: a mail server's answer may name the address, and so may smtplib's errors."""
    code, _answer = _answer_of(error)
    if isinstance(error, UnicodeError):
        return "its address cannot be told to a mail server"
    return f"the mail server answered {code}" if code else f"the mail server was not reached: {error}"


def _answer_of(error: Exception) -> tuple[int, str]:
    """Return the code and the text that a mail server answered, or 0 and nothing if it was not reached."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(error.recipients.values()))
        return code, _text(answer)
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code, _text(error.smtp_error)
    return 0, ""


def _text(answer: bytes | str) -> str:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:LONGEST_ANSWER].rstrip(".")
