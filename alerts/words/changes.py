"""Sentences about what values did within some hours: they fall or rise fast, sum up, or gust."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from alerts.models import Incident, Kind, Told
from alerts.words.listener import Listener
from freetemp.ages import length
from freetemp.fields import to_millis
from readings.calendar.span import QUARTER_MS, Span
from readings.display.field_names import called
from readings.models import Quarter


def began(incident: Incident, to: Listener) -> str:
    values = _values(incident, to)
    kind = incident.rule.kind
    if kind == Kind.HEADING:
        sentence = _(
            "%(station)s: %(field)s may go below %(limit)s: down to %(value)s, if it falls once more by as much as in "
            "the last %(hours)s."
        )
    elif kind == Kind.FALLS:
        sentence = _("%(station)s: %(field)s has fallen by %(value)s in %(hours)s, which is more than %(limit)s.")
    elif kind == Kind.RISES:
        sentence = _("%(station)s: %(field)s has risen by %(value)s in %(hours)s, which is more than %(limit)s.")
    elif kind == Kind.RAIN:
        sentence = _("%(station)s: %(field)s was %(value)s in %(hours)s, which is more than %(limit)s.")
    else:
        sentence = _("%(station)s: %(field)s was once %(value)s, which is above %(limit)s.")
    return sentence % values


def ended(incident: Incident, to: Listener) -> str:
    values = _values(incident, to) | to.span(incident)
    kind = incident.rule.kind
    if kind == Kind.HEADING:
        values["lowest"] = to.quantity(_lowest(incident), incident.rule.measured)
        sentence = _(
            "%(station)s: %(field)s might have gone below %(limit)s from %(start)s to %(end)s. The lowest was "
            "%(lowest)s."
        )
    elif kind == Kind.FALLS:
        sentence = _("%(station)s: %(field)s fell by up to %(value)s in %(hours)s, from %(start)s to %(end)s.")
    elif kind == Kind.RISES:
        sentence = _("%(station)s: %(field)s rose by up to %(value)s in %(hours)s, from %(start)s to %(end)s.")
    elif kind == Kind.RAIN:
        sentence = _(
            "%(station)s: %(field)s was more than %(limit)s in %(hours)s, from %(start)s to %(end)s, and up to "
            "%(value)s."
        )
    else:
        sentence = _(
            "%(station)s: %(field)s was above %(limit)s now and then, from %(start)s to %(end)s, and up to %(value)s."
        )
    return sentence % values


def subject(told: Told, incident: Incident, to: Listener) -> str:
    """Return the subject of a message about one of them."""
    values, kind = _values(incident, to), incident.rule.kind
    is_over = told not in (Told.BEGAN, Told.REMINDER)
    if kind == Kind.HEADING:
        sentence = (
            _("%(station)s: %(field)s falls no more") if is_over else _("%(station)s: %(field)s may go below %(limit)s")
        )
    elif kind == Kind.RAIN:
        sentence = (
            _("%(station)s: %(field)s is back") if is_over else _("%(station)s: %(field)s %(value)s in %(hours)s")
        )
    elif kind == Kind.GUST:
        sentence = _("%(station)s: %(field)s is back") if is_over else _("%(station)s: %(field)s %(value)s")
    elif is_over:
        sentence = _("%(station)s: %(field)s is steadier again")
    else:
        sentence = (
            _("%(station)s: %(field)s falls fast") if kind == Kind.FALLS else _("%(station)s: %(field)s rises fast")
        )
    return sentence % values


def _values(incident: Incident, to: Listener) -> dict[str, object]:
    rule, field = incident.rule, incident.rule.measured
    say = to.difference if rule.kind in (Kind.FALLS, Kind.RISES) else to.quantity
    return {
        "station": incident.station,
        "field": called(field),
        "limit": say(rule.limit, field),
        "value": say(incident.value, field),
        "hours": length(timedelta(hours=rule.window_hours)),
    }


def _lowest(incident: Incident) -> float | None:
    """Return the lowest value that came in the end."""
    field, ended_at = incident.rule.measured, incident.ended_at or incident.began_at
    span = Span(to_millis(incident.began_at), to_millis(ended_at) + QUARTER_MS).whole_quarters()
    found = Quarter.objects.totals_of({field.pk: (field.station_id, field.number, span)})
    return found[field.pk].min if field.pk in found else None
