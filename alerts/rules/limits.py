"""Values beyond a limit: only after a while, and until they have come back by the hysteresis."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from functools import partial

from alerts.models import Incident, Kind, Rule
from alerts.models.kinds import OF_FIELD
from alerts.rules.figures import Figure, figures
from alerts.rules.writes import Write
from freetemp.fields import EPOCH

OF_HOURS_EVERY = timedelta(minutes=1)


class Limits:
    """The values of fields, as one process looks at them: what is about hours once a minute."""

    def __init__(self) -> None:
        self._hours_at = EPOCH

    def look(self, at: datetime) -> Iterator[Write]:
        """Yield what opens and ends incidents by the figure of each rule about a field."""
        kinds = self._due(at)
        rules = list(Rule.objects.of_fields(kinds))
        known = {each.rule_id: each for each in Incident.objects.open().filter(rule__kind__in=kinds)}
        minded: list[Rule] = []
        resting: list[Rule] = []
        for rule in rules:
            (resting if rule.measured.station.in_maintenance(at) else minded).append(rule)
        found = figures(minded, at)
        for rule in minded:
            incident = known.pop(rule.pk, None)
            if (figure := found.get(rule.pk)) is not None:
                yield from _look_at(rule, incident, figure, at)
        for rule in resting:
            yield from _forget(rule)
        for incident in known.values():  # Their rules are off, or their stations are off or have a rest.
            yield partial(incident.end, at, dropped=True)

    def _due(self, at: datetime) -> Collection[Kind]:
        if abs(at - self._hours_at) < OF_HOURS_EVERY:
            return [kind for kind in OF_FIELD if kind.usual_hours is None]
        self._hours_at = at
        return OF_FIELD


def _look_at(rule: Rule, incident: Incident | None, figure: Figure, at: datetime) -> Iterator[Write]:
    if incident:
        yield from _go_on(rule, incident, figure)
    elif rule.is_beyond(figure.value):
        if figure.is_new:
            yield from _begin(rule, figure, at)
    else:
        yield from _forget(rule)


def _begin(rule: Rule, figure: Figure, at: datetime) -> Iterator[Write]:
    """Note the first value beyond the limit, and open an incident once such values have lasted."""
    if rule.beyond_since is None or rule.beyond_since > figure.at:
        rule.beyond_since = figure.at
        yield partial(rule.save, update_fields=["beyond_since"])
    if figure.at - rule.beyond_since >= rule.lasting:
        field = rule.measured
        opened = Incident(rule=rule, station=field.station, field=field, value=figure.value)
        opened.began_at, opened.found_at = rule.beyond_since, at
        yield opened.save


def _go_on(rule: Rule, incident: Incident, figure: Figure) -> Iterator[Write]:
    if rule.is_back(figure.value):
        yield from _forget(rule)
        yield partial(incident.end, figure.at)
    elif (worst := rule.worse(figure.value, incident.value)) != incident.value:
        incident.value = worst
        yield partial(incident.save, update_fields=["value"])


def _forget(rule: Rule) -> Iterator[Write]:
    if rule.beyond_since is not None:
        rule.beyond_since = None
        yield partial(rule.save, update_fields=["beyond_since"])
