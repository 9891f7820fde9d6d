"""A concern of an operator: mails about accounts do not go out, though alerts may."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from accounts.letters import has_mail, trouble_since
from freetemp.ages import length
from freetemp.overview.concerns import Concern, Survey, Urgency


def mail_concerns(survey: Survey) -> Iterator[Concern | None]:
    """Yield that the last mail about an account was not taken, for a reason that all of them share."""
    since = trouble_since() if has_mail() else None
    if since is None:
        return
    ago = length(survey.at - datetime.fromtimestamp(since, UTC))
    yield Concern(
        "account-mail",
        Urgency.SOON,
        _("Mails about accounts have not gone out for %(length)s") % {"length": ago},
        _(
            "New logins are not told of, and invitations are not sent. The log says why. If alerts do come by mail, "
            "pages may not reach the mail server: see IPAddressDeny in docs/deploy.md. A mail that goes out ends this."
        ),
    )
