"""Values beyond a limit: only after a while, and until they have come back by the hysteresis."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.models import Incident, Rule
from stations.models import Field

FRESH, FRESH_INTERVALS = timedelta(minutes=15), 3  # An older value tells nothing of now: the station may be silent.


def look(at: datetime) -> None:
    """Open and end incidents by the newest value of each field that has a rule."""
    rules = list(Rule.objects.of_limits())
    known = {each.rule_id: each for each in Incident.objects.open().filter(field__isnull=False)}
    for rule in rules:
        _look_at(rule, known.pop(rule.pk, None), at)
    for incident in known.values():  # Their rules, or their stations, are off.
        incident.end(at, dropped=True)


def _look_at(rule: Rule, incident: Incident | None, at: datetime) -> None:
    field = rule.measured
    value, measured_at = field.newest_value, field.newest_at
    if field.station.in_maintenance(at):
        _forget(rule)
        if incident:
            incident.end(at, dropped=True)
    elif value is None or measured_at is None or not _is_fresh(field, measured_at, at) or not field.is_plausible(value):
        return
    elif incident:
        _go_on(rule, incident, value, measured_at)
    elif rule.is_beyond(value):
        _begin(rule, field, value, measured_at, at)
    else:
        _forget(rule)


def _is_fresh(field: Field, measured_at: datetime, at: datetime) -> bool:
    return at - measured_at <= max(FRESH, FRESH_INTERVALS * timedelta(seconds=field.station.interval_s))


def _begin(rule: Rule, field: Field, value: float, measured_at: datetime, at: datetime) -> None:
    """Note the first value beyond the limit, and open an incident once such values have lasted."""
    if rule.beyond_since is None or rule.beyond_since > measured_at:
        rule.beyond_since = measured_at
        rule.save(update_fields=["beyond_since"])
    if measured_at - rule.beyond_since >= rule.lasting:
        Incident.objects.create(
            rule=rule, station=field.station, field=field, began_at=rule.beyond_since, found_at=at, value=value
        )


def _go_on(rule: Rule, incident: Incident, value: float, measured_at: datetime) -> None:
    if rule.is_back(value):
        _forget(rule)
        incident.end(measured_at)
    elif (worst := rule.worse(value, incident.value)) != incident.value:
        incident.value = worst
        incident.save(update_fields=["value"])


def _forget(rule: Rule) -> None:
    if rule.beyond_since is not None:
        rule.beyond_since = None
        rule.save(update_fields=["beyond_since"])
