"""Troubles of a station as a whole: what its board says, a low battery, a weak signal, restarts, refused reports."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from alerts.models import Incident, Kind, Rule
from alerts.rules import refusals
from alerts.rules.boards import reported, restarts
from alerts.rules.minded import Minded, with_rules
from alerts.rules.power import Power
from alerts.rules.records import Records
from alerts.rules.state import State
from alerts.rules.writes import Write
from readings.admin.unheard import trying_out
from stations.models import Station


class Source(NamedTuple):
    """How often to look for a kind of trouble, and what finds the states of stations."""

    every: timedelta
    find: Callable[[Minded, datetime], Iterable[State]]


class States:
    """The troubles of stations, as one process looks for them: each kind as often as it changes."""

    def __init__(self) -> None:
        power, records = Power(), Records()
        minute, minutes, quarter = (timedelta(minutes=count) for count in (1, 5, 15))
        self._sources = {
            Kind.SENSOR: Source(minute, reported),
            Kind.BATTERY: Source(minutes, power.batteries),
            Kind.SIGNAL: Source(minutes, power.signals),
            Kind.RESTARTS: Source(minutes, restarts),
            Kind.REFUSED: Source(minutes, refusals.refused),
            Kind.RECORD: Source(quarter, records.broken),
        }
        self._looked: dict[Kind, datetime] = {}

    def look(self, at: datetime, stations: Sequence[Station]) -> Iterator[Write]:
        """Yield what opens and ends incidents by the states of minded stations."""
        due = [kind for kind in self._sources if self._is_due(kind, at)]
        if not due:
            return
        rules, incidents = list(Rule.objects.of(*due)), list(Incident.objects.open().filter(rule__kind__in=due))
        for kind in due:
            self._looked[kind] = at
            minded = list(with_rules(stations, rules, kind))
            of_kind = {rule.pk for rule in rules if rule.kind == kind}
            known = [each for each in incidents if each.rule_id in of_kind]
            yield from _compare(self._sources[kind].find(minded, at) if minded else (), known, minded, at)

    def _is_due(self, kind: Kind, at: datetime) -> bool:
        looked = self._looked.get(kind)
        return looked is None or abs(at - looked) >= self._sources[kind].every


def _compare(states: Iterable[State], known: Iterable[Incident], minded: Minded, at: datetime) -> Iterator[Write]:
    open_ones = {(each.station_id, each.field_id): each for each in known}
    in_force = {(station.pk, rule.pk) for station, rule in minded}
    begun = []
    for state in states:
        incident = open_ones.get(state.key)
        if incident is None:
            begun += [state] if state.is_bad else []
        elif (incident.station_id, incident.rule_id) in in_force:
            yield from _go_on(incident, state, at)
    yield from _open(begun, at)
    for incident in open_ones.values():
        if (incident.station_id, incident.rule_id) not in in_force:  # Its rule is off, or its station has a rest.
            yield partial(incident.end, at, dropped=True)


def _go_on(incident: Incident, state: State, at: datetime) -> Iterator[Write]:
    if state.ends_before and incident.found_at < state.ends_before:
        yield partial(incident.end, at, dropped=True)
    elif state.is_good:
        yield partial(incident.end, at)
    elif state.is_bad and (incident.value, incident.detail) != (worst := _worst(incident, state), state.detail):
        incident.value, incident.detail = worst, state.detail
        yield partial(incident.save, update_fields=["value", "detail"])


def _worst(incident: Incident, state: State) -> float | None:
    return incident.value if state.value is None else state.rule.worse(state.value, incident.value)


def _open(states: Collection[State], at: datetime) -> Iterator[Write]:
    """Open incidents, except of stations that are being set up: their first steps are no trouble."""
    if not states:
        return
    tried = trying_out(Station.objects.with_fields().filter(pk__in={state.station.pk for state in states}))
    for state in states:
        if state.station not in tried:
            opened = Incident(rule=state.rule, station=state.station, field=state.field)
            opened.value, opened.detail = state.value, state.detail
            opened.began_at, opened.found_at = state.began_at or at, at
            yield opened.save
