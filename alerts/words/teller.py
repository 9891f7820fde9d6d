"""Notices in words: a subject and a plain text, in the recipient's language and units, and by their clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import ModuleType
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from alerts.models import Incident, Kind, Recipient, ServerTrouble, Told
from alerts.models.kinds import OF_FIELD
from alerts.models.notice import LINK
from alerts.news import OFTEN, STAYS
from alerts.words import changes, silences, states, values
from alerts.words.listener import Listener
from freetemp.translations import in_language
from outages.models import Outage

MOST_LINES = 20  # Services for phones cut long messages.


class Text(NamedTuple):
    subject: str
    body: str


class Teller:
    """Writes the notices of one moment to one recipient."""

    def __init__(self, recipient: Recipient, at: datetime) -> None:
        self._to, self._language = Listener.of(recipient, at), recipient.language

    def tell(
        self,
        kind: Told,
        incidents: Sequence[Incident],
        outages: Mapping[int, Outage],
        times: Mapping[int, int],
    ) -> Text:
        """Return the text about incidents, with what is known of the ended ones and how often each came in a day.

        Both are by the incidents' numbers.
        """
        with in_language(self._language):
            lines = [self._line(kind, each, outages.get(each.pk)) for each in incidents]
            more = len(lines) - MOST_LINES
            shown = lines[:MOST_LINES] + ([_("and %(count)d more") % {"count": more}] if more > 0 else [])
            parts = ["\n".join(shown), *_hints(kind, incidents, times), _page(incidents)]
            if kind in (Told.BEGAN, Told.REMINDER):
                parts.append(_("Say that you look after it, or hear nothing of it for a while: %s") % LINK)
            return Text(self._subject(kind, incidents), "\n\n".join(parts))

    def tell_of_server(self, kind: Told, troubles: Sequence[ServerTrouble]) -> Text:
        """Return the text about troubles of the server, which are in the words of the overview."""
        page = f"{settings.SERVER_ORIGIN}{reverse('overview')}"
        titles, texts = zip(*(each.words(self._language) for each in troubles), strict=True)
        with in_language(self._language):
            names = {"title": titles[0], "count": len(troubles)}
            if kind == Told.BEGAN:
                subject = _("%(count)d troubles of the server") if len(troubles) > 1 else "%(title)s"
                return Text(subject % names, "\n\n".join([*texts, page]))
            subject = _("%(count)d troubles of the server are over") if len(troubles) > 1 else _("Over: %(title)s")
            return Text(subject % names, "\n".join([*titles, "", page]))

    def _line(self, kind: Told, incident: Incident, known: Outage | None) -> str:
        is_over = kind in (Told.ENDED, Told.PASSED)
        if incident.is_silence:
            return silences.returned(incident, known, self._to) if is_over else silences.silent(incident, self._to)
        words = _words(incident)
        return str(words.ended(incident, self._to) if is_over else words.began(incident, self._to))

    def _subject(self, kind: Told, incidents: Sequence[Incident]) -> str:
        first, count = incidents[0], len(incidents)
        names = {"station": first.station, "count": count}
        if all(incident.is_silence for incident in incidents):
            return silences.subject(kind, names, count)
        if count == 1:
            return str(_words(first).subject(kind, first, self._to))
        if kind in (Told.BEGAN, Told.REMINDER):
            return _("%(count)d troubles, the first at %(station)s") % names
        return _("%(count)d troubles are over, the first at %(station)s") % names


def _words(incident: Incident) -> ModuleType:
    """Return the module with the sentences for an incident that is no silence."""
    if incident.rule.kind in (Kind.BELOW, Kind.ABOVE):
        return values
    return changes if incident.rule.kind in OF_FIELD else states


def _hints(kind: Told, incidents: Sequence[Incident], times: Mapping[int, int]) -> list[str]:
    if kind != Told.BEGAN:
        return []
    often = [incident for incident in incidents if times[incident.pk] == OFTEN]
    return [*silences.together(incidents), *([_often(often)] if often else [])]


def _page(incidents: Sequence[Incident]) -> str:
    stations = {incident.station_id for incident in incidents}
    path = reverse("home") if len(stations) > 1 else reverse("station", args=[*stations])
    return f"{settings.SERVER_ORIGIN}{path}"


def _often(incidents: Sequence[Incident]) -> str:
    names = ", ".join(sorted({str(incident.station) for incident in incidents}))
    return _(
        "%(stations)s: this is the third time in 24 hours. The next ones are told only if they stay for %(hours)d "
        "hours, and the end only after as many quiet ones."
    ) % {"stations": names, "hours": STAYS // timedelta(hours=1)}
