"""The stations that somebody minds, each with its rule of a kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from alerts.models import Kind, Rule
from stations.models import Station

Minded = Sequence[tuple[Station, Rule]]


def with_rules(stations: Iterable[Station], rules: Sequence[Rule], kind: Kind) -> Iterator[tuple[Station, Rule]]:
    """Yield each station with its rule of a kind, or with that for every station, if it is in force."""
    of_kind = {rule.station_id: rule for rule in rules if rule.kind == kind}
    for station in stations:
        rule = of_kind.get(station.pk, of_kind.get(None))
        if rule is not None and rule.active:
            yield station, rule
