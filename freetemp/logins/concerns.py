"""Wrong logins to the admin, and where they came from."""

from __future__ import annotations

from collections.abc import Iterator

from freetemp.ages import length
from freetemp.logins.wrong_passwords import FREE_TRIES, FREE_TRIES_OF_ACCOUNT
from freetemp.models import WrongLogins
from freetemp.overview.concerns import Concern, Item, Survey, Urgency, about

FEW = 3  # A person who mistypes is no concern.


def wrong_login_concerns(survey: Survey) -> Iterator[Concern | None]:
    """Yield the networks that many wrong logins came from within a day."""

    def item(each: WrongLogins) -> Item:
        times = f"{each.count} wrong login{'s' if each.count > 1 else ''}"
        return Item(each.network or "unknown", f"{times}, the last one {length(survey.at - each.last_at)} ago")

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
        f"{total} wrong logins to the admin within a day",
        "If they were not yours, somebody guesses passwords: see that each is long, and let a firewall keep the "
        "address out. Every network waits longer after each wrong one, so nobody guesses fast.",
    )
