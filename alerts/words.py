"""Notices in words: a subject and a plain text, in the recipient's language and by their clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from alerts.models import Incident, Kind, Recipient, ServerTrouble, Told
from alerts.models.notice import LINK
from alerts.news import OFTEN, STAYS
from alerts.returns import Return
from alerts.rules.silence import TOGETHER
from freetemp.ages import length
from freetemp.formatting import dated
from readings.display.field_names import called
from readings.display.values import quantity
from stations.models import Station
from stations.units import Units

MOST_LINES = 20  # Services for phones cut long messages.
NEARLY_ALL = 0.95


class Text(NamedTuple):
    subject: str
    body: str


class Teller:
    """Writes the notices of one moment to one recipient."""

    def __init__(self, recipient: Recipient, at: datetime) -> None:
        self._at, self._zone, self._language = at, recipient.zone, recipient.language
        self._units = recipient.preferred

    def tell(
        self,
        kind: Told,
        incidents: Sequence[Incident],
        returns: Mapping[int, Return],
        times: Mapping[int, int],
    ) -> Text:
        """Return the text about incidents, with what is known of the ended ones and how often each came in a day.

        Both are by the incidents' numbers.
        """
        with translation.override(self._language):
            lines = [self._line(kind, each, returns.get(each.pk)) for each in incidents]
            more = len(lines) - MOST_LINES
            shown = lines[:MOST_LINES] + ([_("and %(count)d more") % {"count": more}] if more > 0 else [])
            parts = ["\n".join(shown), *self._hints(kind, incidents, times), self._page(incidents)]
            if kind in (Told.BEGAN, Told.REMINDER):
                parts.append(_("Say that you look after it, or hear nothing of it for a while: %s") % LINK)
            return Text(_subject(kind, incidents, self._units), "\n\n".join(parts))

    def tell_of_server(self, kind: Told, troubles: Sequence[ServerTrouble]) -> Text:
        """Return the text about troubles of the server, which are in the words of the overview: in English."""
        page = f"{settings.SERVER_ORIGIN}{reverse('overview')}"
        with translation.override(self._language):
            values = {"title": troubles[0].title, "count": len(troubles)}
            if kind == Told.BEGAN:
                subject = _("%(count)d troubles of the server") if len(troubles) > 1 else "%(title)s"
                return Text(subject % values, "\n\n".join([*(each.text for each in troubles), page]))
            subject = _("%(count)d troubles of the server are over") if len(troubles) > 1 else _("Over: %(title)s")
            return Text(subject % values, "\n".join([*(each.title for each in troubles), "", page]))

    def _line(self, kind: Told, incident: Incident, known: Return | None) -> str:
        is_over = kind in (Told.ENDED, Told.PASSED)
        if incident.is_silence:
            return self._returned(incident, known) if is_over else self._silent(incident)
        return self._back(incident) if is_over else self._beyond(incident)

    def _silent(self, incident: Incident) -> str:
        return _("%(station)s has not reported since %(moment)s, %(length)s ago.") % {
            "station": incident.station,
            "moment": self._moment(incident.began_at),
            "length": length(self._at - incident.began_at),
        }

    def _returned(self, incident: Incident, known: Return | None) -> str:
        told = _("%(station)s was silent for %(length)s, from %(start)s to %(end)s.") % self._span(incident)
        return f"{told} {_arrivals(known)}".strip() if known and known.expected else told

    def _beyond(self, incident: Incident) -> str:
        values = self._values(incident) | {"moment": self._moment(incident.began_at)}
        if incident.rule.kind == Kind.ABOVE:
            return (
                _("%(station)s: %(field)s is above %(limit)s since %(moment)s. It was up to %(value)s so far.") % values
            )
        return (
            _("%(station)s: %(field)s is below %(limit)s since %(moment)s. It was down to %(value)s so far.") % values
        )

    def _back(self, incident: Incident) -> str:
        values = self._values(incident) | self._span(incident)
        if incident.rule.kind == Kind.ABOVE:
            sentence = _(
                "%(station)s: %(field)s was above %(limit)s for %(length)s, from %(start)s to %(end)s, "
                "and up to %(value)s."
            )
        else:
            sentence = _(
                "%(station)s: %(field)s was below %(limit)s for %(length)s, from %(start)s to %(end)s, "
                "and down to %(value)s."
            )
        return sentence % values

    def _values(self, incident: Incident) -> dict[str, object]:
        field, limit = incident.rule.measured, incident.rule.limit
        return {
            "station": incident.station,
            "field": called(field),
            "limit": quantity(limit, field, self._units),
            "value": quantity(incident.value, field, self._units),
        }

    def _span(self, incident: Incident) -> dict[str, object]:
        ended_at = incident.ended_at or self._at
        return {
            "station": incident.station,
            "length": length(ended_at - incident.began_at),
            "start": self._moment(incident.began_at),
            "end": self._moment(ended_at),
        }

    def _moment(self, moment: datetime) -> str:
        local = moment.astimezone(self._zone)
        is_today = local.date() == self._at.astimezone(self._zone).date()
        return dated(local, "H:i" if is_today else "j M, H:i")

    def _hints(self, kind: Told, incidents: Sequence[Incident], times: Mapping[int, int]) -> list[str]:
        if kind != Told.BEGAN:
            return []
        often = [incident for incident in incidents if times[incident.pk] == OFTEN]
        return [*_together(incidents), *([_often(often)] if often else [])]

    def _page(self, incidents: Sequence[Incident]) -> str:
        stations = {incident.station_id for incident in incidents}
        path = reverse("home") if len(stations) > 1 else reverse("station", args=[*stations])
        return f"{settings.SERVER_ORIGIN}{path}"


def _subject(kind: Told, incidents: Sequence[Incident], units: Units) -> str:
    first, count = incidents[0], len(incidents)
    names = {"station": first.station, "count": count}
    if all(incident.is_silence for incident in incidents):
        return (_of_one_silence(kind) if count == 1 else _of_silences(kind)) % names
    if count == 1 and first.field:
        shown = {"station": first.station, "field": called(first.field)}
        value = quantity(first.value, first.field, units)
        if kind in (Told.BEGAN, Told.REMINDER):
            return _("%(station)s: %(field)s %(value)s") % (shown | {"value": value})
        return _("%(station)s: %(field)s is back") % shown
    if kind in (Told.BEGAN, Told.REMINDER):
        return _("%(count)d troubles, the first at %(station)s") % names
    return _("%(count)d troubles are over, the first at %(station)s") % names


def _of_one_silence(kind: Told) -> str:
    if kind == Told.BEGAN:
        return _("%(station)s is silent")
    return _("%(station)s is still silent") if kind == Told.REMINDER else _("%(station)s reports again")


def _of_silences(kind: Told) -> str:
    if kind == Told.BEGAN:
        return _("%(count)d stations are silent")
    return _("%(count)d stations are still silent") if kind == Told.REMINDER else _("%(count)d stations report again")


def _together(incidents: Sequence[Incident]) -> list[str]:
    """Return a sentence about silences that began at the same time, if there are any."""
    silent = [incident for incident in incidents if incident.is_silence]
    if len(silent) < 2:
        return []
    moments = [incident.began_at for incident in silent]
    if max(moments) - min(moments) > 2 * TOGETHER:
        return []
    minded = Station.objects.filter(active=True, simulated=False).exclude(last_heard_at=None).count()
    if len(silent) == minded:
        return [
            _("They are all stations of this server, and fell silent together: look at its network and at its power.")
        ]
    return [_("They fell silent together: look at what they share, such as a router, its network or the power.")]


def _often(incidents: Sequence[Incident]) -> str:
    names = ", ".join(sorted({str(incident.station) for incident in incidents}))
    return _(
        "%(stations)s: this is the third time in 24 hours. The next ones are told only if they stay for %(hours)d "
        "hours, and the end only after as many quiet ones."
    ) % {"stations": names, "hours": STAYS // timedelta(hours=1)}


def _arrivals(known: Return) -> str:
    counts = {"arrived": min(known.arrived, known.expected), "expected": known.expected}
    if known.arrived >= NEARLY_ALL * known.expected:
        return _(
            "All readings of that time arrived late: the station went on measuring, and its network or this server "
            "was away."
        )
    if known.arrived:
        return _("%(arrived)d of its %(expected)d readings arrived late.") % counts
    if known.started_anew:
        return (
            _(
                "None of its %(expected)d readings was taken: the board has started anew, "
                "so it had no power, or was reset."
            )
            % counts
        )
    if known.started_anew is False:
        return (
            _(
                "None of its %(expected)d readings was taken, and the board has not started anew: "
                "it hung, or its sensor gave no values."
            )
            % counts
        )
    return _("None of its %(expected)d readings has arrived.") % counts
