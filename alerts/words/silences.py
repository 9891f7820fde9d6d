"""Sentences about silent stations, and about what is known of a silence that is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from alerts.models import Incident, Told
from alerts.returns import Return
from alerts.rules.silence import TOGETHER
from alerts.words.listener import Listener
from freetemp.ages import length
from stations.models import Station

NEARLY_ALL = 0.95


def silent(incident: Incident, to: Listener) -> str:
    return _("%(station)s has not reported since %(moment)s, %(length)s ago.") % {
        "station": incident.station,
        "moment": to.moment(incident.began_at),
        "length": length(to.at - incident.began_at),
    }


def returned(incident: Incident, known: Return | None, to: Listener) -> str:
    told = _("%(station)s was silent for %(length)s, from %(start)s to %(end)s.") % to.span(incident)
    return f"{told} {_arrivals(known)}".strip() if known and known.expected else told


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
    minded = Station.objects.filter(active=True, simulated=False).exclude(last_heard_at=None).count()
    if len(silences) == minded:
        return [
            _("They are all stations of this server, and fell silent together: look at its network and at its power.")
        ]
    return [_("They fell silent together: look at what they share, such as a router, its network or the power.")]


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
