"""Sentences about values beyond a limit."""

from __future__ import annotations

from django.utils.translation import gettext as _

from alerts.models import Incident, Kind, Told
from alerts.words.listener import Listener
from readings.display.field_names import called


def began(incident: Incident, to: Listener) -> str:
    values = _values(incident, to) | {"moment": to.moment(incident.began_at)}
    if incident.rule.kind == Kind.ABOVE:
        return _("%(station)s: %(field)s is above %(limit)s since %(moment)s. It was up to %(value)s so far.") % values
    return _("%(station)s: %(field)s is below %(limit)s since %(moment)s. It was down to %(value)s so far.") % values


def ended(incident: Incident, to: Listener) -> str:
    values = _values(incident, to) | to.span(incident)
    if incident.rule.kind == Kind.ABOVE:
        sentence = _(
            "%(station)s: %(field)s was above %(limit)s for %(length)s, from %(start)s to %(end)s, and up to %(value)s."
        )
    else:
        sentence = _(
            "%(station)s: %(field)s was below %(limit)s for %(length)s, from %(start)s to %(end)s, "
            "and down to %(value)s."
        )
    return sentence % values


def subject(told: Told, incident: Incident, to: Listener) -> str:
    """Return the subject of a message about one value."""
    field = incident.rule.measured
    shown = {"station": incident.station, "field": called(field)}
    if told in (Told.BEGAN, Told.REMINDER):
        return _("%(station)s: %(field)s %(value)s") % (shown | {"value": to.quantity(incident.value, field)})
    return _("%(station)s: %(field)s is back") % shown


def _values(incident: Incident, to: Listener) -> dict[str, object]:
    field, limit = incident.rule.measured, incident.rule.limit
    return {
        "station": incident.station,
        "field": called(field),
        "limit": to.quantity(limit, field),
        "value": to.quantity(incident.value, field),
    }
