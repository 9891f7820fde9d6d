"""What a letter says beside figures: its subject, why it is late, who gets it and how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts.letters.draft import Content
from alerts.letters.issue import due_at
from alerts.models import LetterRhythm
from freetemp.formatting import dated

LATE = timedelta(hours=1)


def subject(content: Content) -> str:
    """Return “Roof, Tuesday 24 November 2026: 3.2 to 11.8 °C”, or how many stations it tells of."""
    if len(content.sections) == 1:
        only = content.sections[0]
        return f"{only.name}, {only.days}" + (f": {only.short}" if only.short else "")
    days = content.issue.days(content.recipient, content.at)
    words = {"count": content.stations, "days": days}
    return ngettext("%(count)d station, %(days)s", "%(count)d stations, %(days)s", content.stations) % words


def remarks(content: Content) -> list[str]:
    """Return sentences about letters that were late or not written."""
    late = content.at - due_at(content.recipient, content.issue.day)
    is_late = late > LATE and not content.is_asked_for
    return ([_("This letter is late: this server was off.")] if is_late else []) + _missed(content.missed)


def _missed(days: Sequence[date]) -> list[str]:
    if not days:
        return []
    if len(days) == 1:
        day = dated(days[0], "l j F Y")
        return [_("There was no letter on %(day)s: this server was off, or could not write it.") % {"day": day}]
    words = {"first": dated(days[0], "j F Y"), "last": dated(days[-1], "j F Y")}
    sentence = _("There were no letters from %(first)s to %(last)s: this server was off, or could not write them.")
    return [sentence % words]


def ending(content: Content) -> str:
    """Return who gets it how often."""
    recipient = content.recipient
    told = {"hour": f"{recipient.letter_hour:02}:00", "zone": recipient.timezone}
    if content.issue.rhythm == LetterRhythm.DAY:
        return _("You get this letter every day at %(hour)s (%(zone)s).") % told
    return _("You get this letter every Monday at %(hour)s (%(zone)s).") % told


def more(content: Content) -> str:
    """Return how many stations are not in it."""
    count = content.stations - len(content.sections) - len(content.entries)
    if count <= 0:
        return ""
    words = ngettext("%(count)d more station is on the pages.", "%(count)d more stations are on the pages.", count)
    return words % {"count": count}
