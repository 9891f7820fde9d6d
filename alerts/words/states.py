"""Sentences about a station as a whole: what its board says, its battery and signal, restarts, refusals, records."""

from __future__ import annotations

from django.utils.translation import gettext as _

from alerts.models import Incident, Kind, Told
from alerts.words.listener import Listener
from freetemp.ages import length
from readings.display.field_names import called
from readings.models.refused_report import Reason
from stations.troubles import SENSOR, parts_of


def began(incident: Incident, to: Listener) -> str:
    values, kind = _values(incident, to), incident.rule.kind
    if kind == Kind.SENSOR:
        if _is_of_sensor(incident):
            return _("%(station)s: the sensor gives no reading. Its board says: %(words)s") % values
        return _("%(station)s: something is wrong with the board. It says: %(words)s") % values
    if kind == Kind.BATTERY:
        return _low(incident) % values
    if kind == Kind.SIGNAL:
        return (
            _(
                "%(station)s: %(field)s is weak, %(value)s in the mean of the last hour. Another place helps, or an "
                "access point that is nearer."
            )
            % values
        )
    if kind == Kind.RESTARTS:
        return _restarted(incident) % values
    if kind == Kind.REFUSED:
        reason = Reason(incident.detail)
        words = values | {"reason": _(reason.label), "advice": _(reason.advice)}
        return _("%(station)s: reports are refused, %(count)d times so far: %(reason)s. %(advice)s") % words
    return _record(incident) % values


def ended(incident: Incident, to: Listener) -> str:
    values, kind = _values(incident, to), incident.rule.kind
    if kind == Kind.SENSOR:
        return _("%(station)s: the board reports no trouble any more, after %(length)s.") % values
    if kind == Kind.BATTERY:
        return _("%(station)s: %(field)s is not low any more, after %(length)s.") % values
    if kind == Kind.SIGNAL:
        return _("%(station)s: %(field)s is not weak any more, after %(length)s.") % values
    if kind == Kind.RESTARTS:
        return _("%(station)s has stopped restarting, after %(length)s.") % values
    return _("%(station)s: no reports are refused any more, after %(length)s.") % values


def subject(told: Told, incident: Incident, to: Listener) -> str:
    """Return the subject of a message about one of them."""
    is_over = told not in (Told.BEGAN, Told.REMINDER)
    return (_of_end(incident) if is_over else _of_beginning(incident)) % _values(incident, to)


def _of_beginning(incident: Incident) -> str:
    if incident.rule.kind == Kind.SENSOR:
        is_of_sensor = _is_of_sensor(incident)
        return _("%(station)s: no reading of the sensor") if is_of_sensor else _("%(station)s: trouble of the board")
    return {
        Kind.BATTERY: _("%(station)s: %(field)s is low"),
        Kind.SIGNAL: _("%(station)s: %(field)s is weak"),
        Kind.RESTARTS: _("%(station)s restarts again and again"),
        Kind.REFUSED: _("%(station)s: reports are refused"),
        Kind.RECORD: _("%(station)s: a record, %(field)s %(value)s"),
    }[Kind(incident.rule.kind)]


def _of_end(incident: Incident) -> str:
    return {
        Kind.SENSOR: _("%(station)s: the board is well again"),
        Kind.BATTERY: _("%(station)s: %(field)s is good again"),
        Kind.SIGNAL: _("%(station)s: %(field)s is good again"),
        Kind.RESTARTS: _("%(station)s has stopped restarting"),
    }.get(Kind(incident.rule.kind), _("%(station)s: reports are taken again"))


def _is_of_sensor(incident: Incident) -> bool:
    return parts_of(incident.detail).keys() <= {SENSOR}


def _low(incident: Incident) -> str:
    if _is_called_low(incident):
        return _("%(station)s: the device calls batteries low: %(words)s.")
    if incident.field is None:
        return _("%(station)s: %(field)s is low, with %(value)s at the board.")
    return _("%(station)s: %(field)s is low, with %(value)s at most in the last hour.")


def _is_called_low(incident: Incident) -> bool:
    """Tell whether it is of batteries that a device itself calls low, and not of a voltage."""
    return bool(incident.detail) and incident.field is None


def _restarted(incident: Incident) -> str:
    if incident.detail == "hang":
        return _("%(station)s has restarted %(count)d times in 24 hours, mostly because it hung or crashed.")
    if incident.detail == "power":
        return _("%(station)s has restarted %(count)d times in 24 hours, mostly by its power or its reset button.")
    return _("%(station)s has restarted %(count)d times in 24 hours.")


def _record(incident: Incident) -> str:
    return {
        "high ever": _("%(station)s: %(field)s on %(day)s was the highest ever: %(value)s."),
        "low ever": _("%(station)s: %(field)s on %(day)s was the lowest ever: %(value)s."),
        "high year": _("%(station)s: %(field)s on %(day)s was the highest in a year: %(value)s."),
        "low year": _("%(station)s: %(field)s on %(day)s was the lowest in a year: %(value)s."),
    }[incident.detail]


def _values(incident: Incident, to: Listener) -> dict[str, object]:
    field, kind = incident.field, incident.rule.kind
    if field is not None:
        name, value = called(field), to.quantity(incident.value, field)
    else:
        name, value = to.of_board(Kind(kind), incident.value)
    words = incident.detail
    if kind == Kind.BATTERY and _is_called_low(incident):
        name, words = _("battery"), ", ".join(map(_, words.split(", ")))
    return {
        "station": incident.station,
        "field": name,
        "value": value,
        "count": round(incident.value or 0),
        "words": words,
        "length": length((incident.ended_at or to.at) - incident.began_at),
        "day": to.day(incident.began_at, incident.station.zone),
    }
