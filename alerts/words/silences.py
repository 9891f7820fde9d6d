"""Sentences about silent stations, and about what is known of a silence that is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from alerts.models import Incident, Told
from alerts.words.listener import Listener
from freetemp.ages import length
from outages.models import Outage
from outages.rhythm import TOGETHER
from outages.words import told as in_words
from stations.models import Station


def silent(incident: Incident, to: Listener) -> str:
    return _("%(station)s has not reported since %(moment)s, %(length)s ago.") % {
        "station": incident.station,
        "moment": to.moment(incident.began_at),
        "length": length(to.at - incident.began_at),
    }


def returned(incident: Incident, known: Outage | None, to: Listener) -> str:
    told = _("%(station)s was silent for %(length)s, from %(start)s to %(end)s.") % to.span(incident)
    return f"{told} {in_words(known)}" if known else told


def subject(kind: Told, names: Mapping[str, object], count: int) -> str:
    """Return the subject of a message about one silence or several."""
    return (_of_one(kind) if count == 1 else _of_several(kind)) % names


def _of_one(kind: Told) -> str:
    if kind == Told.BEGAN:
        return _("%(station)s is silent")
    return _("%(station)s is still silent") if kind == Told.REMINDER else _("%(station)s reports again")


def _of_several(kind: Told) -> str:
    if kind == Told.BEGAN:
        return _("%(count)d stations are silent")
    return _("%(count)d stations are still silent") if kind == Told.REMINDER else _("%(count)d stations report again")


def together(incidents: Sequence[Incident]) -> list[str]:
    """Return a sentence about silences that began at the same time, if there are any."""
    silences = [incident for incident in incidents if incident.is_silence]
    if len(silences) < 2:
        return []
    moments = [incident.began_at for incident in silences]
    if max(moments) - min(moments) > 2 * TOGETHER:
        return []
    minded = Station.objects.minded().count()
    if len(silences) == minded:
        return [
            _("They are all stations of this server, and fell silent together: look at its network and at its power.")
        ]
    return [_("They fell silent together: look at what they share, such as a router, its network or the power.")]
