"""The mail with an invitation's link. It has no text of whoever invites but names, and few go to one address."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts.letters import letter, send_within
from accounts.models import Invitation, TooManyMailsError
from accounts.role_words import ROLES
from freetemp.formatting import dated
from freetemp.shared_counts import SharedCounts
from freetemp.translations import in_language
from stations.access import Role

WAIT_S = 15  # for the mail server, while somebody waits for the page
MOST_TO_ADDRESS = 3  # within a day, whoever invites
DAY_S = 86_400

_counts = SharedCounts("Mails to one address")


@sensitive_variables()
def bound_by_address(email: str) -> None:
    """Count a mail to an address, by its digest. Raises TooManyMailsError if it has had too many within a day."""
    digest = hashlib.sha256(email.lower().encode()).hexdigest()
    if _counts.exceeds(MOST_TO_ADDRESS, f"invited:{digest}", DAY_S):
        raise TooManyMailsError


@sensitive_variables()
def send_invitation(invitation: Invitation, address: str, language: str) -> str:
    """Send an invitation's link. Return "" once the mail server has taken it, or a sentence that says why not."""
    with in_language(language or settings.LANGUAGE_CODE):
        written = _letter(invitation, address)
    refusal = send_within(written, WAIT_S)
    if not refusal:
        Invitation.objects.filter(pk=invitation.pk).update(mail_taken=True)
    return refusal


@sensitive_variables()
def _letter(invitation: Invitation, address: str) -> EmailMessage:
    names = {
        "inviter": invitation.made_by.get_username() if invitation.made_by else "",
        "group": invitation.group.name,
        "server": settings.SERVER_URL.partition("://")[2],
        "day": dated(invitation.expires_at, "j F Y, H:i"),
    }
    permits = _("This permits you:")
    paragraphs = [
        _("Hello,"),
        _("%(inviter)s invites you to %(group)s, a group of weather stations at %(server)s.") % names,
        f"{permits} {ROLES[Role(invitation.role)]}.",
        _("To accept, open this link. Choose a name and a password there, or log in with the account that you have:"),
        address,
        _("The link works once, until %(day)s (UTC). It is for you alone: pass it on to nobody.") % names,
        _("If you do not know %(inviter)s, there is nothing to do. Nothing happens unless the link is used.") % names,
    ]
    return letter(invitation.email, _("Invitation to %(group)s") % names, paragraphs)
