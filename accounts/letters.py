"""Mails about accounts: plain text, to one address, by the server of EMAIL_URL."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from email.utils import make_msgid
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from freetemp.background import in_background
from freetemp.mail_errors import MAIL_ERRORS, in_a_sentence, is_about_address, without_address
from freetemp.shared_counts import SharedCounts
from freetemp.translations import active_language, in_language

logger = logging.getLogger(__name__)

TROUBLE = "account-mail-trouble"
TROUBLE_KEPT_S = 7 * 86_400

_notes = SharedCounts("Troubles of mails")


def has_mail() -> bool:
    """Tell whether this server has a mail server to send by."""
    return bool(settings.EMAIL_HOST)


@sensitive_variables()
def letter(to: str, subject: str, paragraphs: Iterable[str]) -> EmailMessage:
    """Return a mail. Whatever names are in its subject, it stays one line."""
    # Without a name, Django asks the network for this machine's.
    own_id = make_msgid(domain=urlsplit(settings.SERVER_URL).hostname)
    headers = {"Message-ID": own_id, "Auto-Submitted": "auto-generated"}
    body = "\n\n".join(paragraphs) + "\n"
    return EmailMessage(" ".join(subject.split()), body, settings.DEFAULT_FROM_EMAIL, [to], headers=headers)


def send_later(letter: EmailMessage) -> None:
    """Send a mail that nobody waits for. A failure is a line in the log, without the address."""
    in_background("account-mail", lambda: _send(letter))


@sensitive_variables()
def send_within(letter: EmailMessage, longest_s: float) -> str:
    """Send a mail. Return "" once the mail server has taken it, or a sentence that says why it has not.

    A mail server that is silent for so long is not waited for. The mail may arrive all the same.
    """
    outcome: SimpleQueue[str] = SimpleQueue()
    language = active_language() or settings.LANGUAGE_CODE
    in_background("account-mail", lambda: outcome.put(_send(letter, language)))
    try:
        return outcome.get(timeout=longest_s)
    except Empty:
        return _("The mail server has not answered for %(count)d seconds.") % {"count": longest_s}


def trouble_since() -> float | None:
    """Return when mails about accounts began to fail, whoever they are for, in Unix seconds, or None."""
    since = _notes.get(TROUBLE)
    return float(since) if since is not None else None


@sensitive_variables()
def _send(letter: EmailMessage, language: str = "") -> str:
    try:
        letter.send()
    except MAIL_ERRORS as error:
        if not is_about_address(error):
            _notes.claim(TROUBLE, int(time.time()), TROUBLE_KEPT_S)
        logger.warning("A mail about an account was not sent: %s", without_address(error))
        with in_language(language or settings.LANGUAGE_CODE):
            return in_a_sentence(error)
    _notes.drop(TROUBLE)
    return ""
