"""What a rule would have told in the past year: from rollups, so that it takes a tenth of a second for each field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from alerts.models import Kind, Rule
from alerts.preview import stations as of_stations
from alerts.preview.year import Year, beyond, figures
from freetemp.fields import MILLISECOND
from readings.calendar.span import Span
from stations.models import Field, Station

MOST_STATIONS = 10
NOT_KEPT = (
    "What boards said of themselves in the past year is not kept, so nobody knows how often this would have been told."
)
TOO_MANY = f"This is known for a rule of one station, and for up to {MOST_STATIONS} stations. Choose one to see it."


class Spell(NamedTuple):
    """A time at which a station would have been told of."""

    station: Station
    span: Span


class Past(NamedTuple):
    """The spells of a year, the first one first, or a sentence that says why they are not known."""

    spells: Sequence[Spell] = ()
    unknown: str = ""


def past(rule: Rule, at: datetime) -> Past:
    """Return what a rule would have told in the past year. It need not be saved, but has to be whole."""
    if rule.field is not None:
        return Past([Spell(rule.field.station, span) for span in _of_field(rule, rule.field, at)])
    find = _OF_STATION.get(Kind(rule.kind))
    if find is None:
        return Past(unknown=NOT_KEPT)
    minded = _stations(rule)
    if len(minded) > MOST_STATIONS:
        return Past(unknown=TOO_MANY)
    found = [Spell(station, span) for station in minded for span in find(rule, station, at)]
    return Past(sorted(found, key=lambda spell: spell.span))


def _stations(rule: Rule) -> list[Station]:
    if rule.station is not None:
        return [rule.station]
    own = Rule.objects.of(Kind(rule.kind)).filter(station__isnull=False).values("station")
    minded = Station.objects.minded().exclude(pk__in=own)
    return list(minded.order_by("name")[: MOST_STATIONS + 1])


def _of_field(rule: Rule, field: Field, at: datetime) -> list[Span]:
    lasting_ms = rule.lasting // MILLISECOND
    found = beyond(rule, figures(rule, field, Year.of(field, at)))
    return [each for each in found if each.end_ms - each.start_ms >= lasting_ms]


_OF_STATION: dict[Kind, Callable[[Rule, Station, datetime], Iterable[Span]]] = {
    Kind.SILENT: of_stations.silences,
    Kind.BATTERY: of_stations.batteries,
    Kind.SIGNAL: of_stations.signals,
    Kind.RESTARTS: of_stations.restarts,
    Kind.RECORD: of_stations.records,
}
