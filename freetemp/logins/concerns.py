"""Wrong logins to the admin, and where they came from."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from freetemp.ages import length
from freetemp.logins.wrong_passwords import FREE_TRIES, FREE_TRIES_OF_ACCOUNT
from freetemp.models import WrongLogins
from freetemp.overview.concerns import Concern, Item, Survey, Urgency, about

FEW = 3  # A person who mistypes is no concern.


def wrong_login_concerns(survey: Survey) -> Iterator[Concern | None]:
    """Yield the networks that many wrong logins came from within a day."""

    def item(each: WrongLogins) -> Item:
        detail = ngettext(
            "%(count)d wrong login, the last one %(length)s ago",
            "%(count)d wrong logins, the last one %(length)s ago",
            each.count,
        ) % {"count": each.count, "length": length(survey.at - each.last_at)}
        return Item(each.network or _("unknown"), detail)

    found = list(WrongLogins.objects.of_the_last_day(survey.at))
    total = sum(each.count for each in found)
    if total < FEW:
        return
    is_guessing = found[0].count >= FREE_TRIES or total >= FREE_TRIES_OF_ACCOUNT  # Waits have begun.
    yield about(
        found,
        item,
        "logins",
        Urgency.SOON if is_guessing else Urgency.NOTE,
        _("%(count)d wrong logins to the admin within a day") % {"count": total},
        _(
            "If they were not yours, somebody guesses passwords: see that each is long, and let a firewall keep the "
            "address out. Every network waits longer after each wrong one, so nobody guesses fast."
        ),
    )
