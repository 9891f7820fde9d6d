"""What is known about a field's readings around a time: those that count, their rollups, and what people decided."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from freetemp.sql import execute
from readings.calendar.span import DAY_MS, Span
from readings.models import Day, SetAside
from readings.models import Quarter as QuarterRow
from readings.models.counted import rules_of
from readings.models.set_aside import State
from readings.proposals.neighbours import DayMeans, Place, is_near
from readings.proposals.runs import Quarter
from readings.treatment.effects import overlapping
from stations.models import Field, StationGroup

MACHINE = "freetemp"  # Whoever makes proposals here.
REACH_MS = 61 * DAY_MS  # What was decided about earlier readings matters no more.
FULL_DAY_HOURS = 18  # A day with fewer hours has another mean than its neighbour's, and nothing is wrong.


class Known(NamedTuple):
    """A reading that counts: its moment in Unix milliseconds, its value as the board sent it, and as it counts."""

    moment_ms: int
    raw: float
    value: float


def readings(field: Field, span: Span) -> list[Known]:
    """Return a field's readings of a span that count and are plausible, in order."""
    rows = execute(
        "SELECT measured_at, value FROM readings_reading"
        " WHERE station_id = %s AND field = %s AND measured_at >= %s AND measured_at < %s ORDER BY measured_at",
        [field.station_id, field.number, *span],
    ).returned
    key = (field.station_id, field.number)
    rules = rules_of({key}, span).get(key) if field.is_treated else None
    if rules is None:
        known = [Known(moment_ms, raw, raw) for moment_ms, raw in rows]
    else:
        counted = ((moment_ms, raw, rules.value(moment_ms, raw)) for moment_ms, raw in rows)
        known = [Known(moment_ms, raw, value) for moment_ms, raw, value in counted if value is not None]
    return [each for each in known if field.is_plausible(each.value)]


def quarters(field: Field, span: Span) -> list[Quarter]:
    rows = QuarterRow.objects.in_spans([(field.station_id, field.number, span)])
    return sorted(Quarter(start_ms, total.n, total.min, total.max) for (_, _, start_ms), total in rows)


def extremes(field: Field, span: Span) -> list[tuple[float, float]]:
    """Return the smallest and the largest value of each day of a span."""
    rows = Day.objects.in_spans([(field.station_id, field.number, span)])
    return [(total.min, total.max) for _, total in rows]


def day_means(fields: Sequence[Field], span: Span) -> dict[int, DayMeans]:
    """Return the means of the full days of some fields, by the field's id."""
    ids = {(field.station_id, field.number): field.pk for field in fields}
    means: dict[int, dict[int, float]] = {field.pk: {} for field in fields}
    for (station, number, start_ms), total in Day.objects.in_spans([(*key, span) for key in ids]):
        if total.hours >= FULL_DAY_HOURS:
            means[ids[station, number]][start_ms] = total.hour_sum / total.hours
    return {pk: of for pk, of in means.items() if of}


def neighbours(field: Field) -> list[Field]:
    """Return the first field with the same quantity and unit of each active station nearby."""
    place = _place(field)
    if place is None:
        return []
    others = Field.objects.filter(
        quantity=field.quantity, unit=field.unit, station__active=True, newest_at__isnull=False
    )
    found: dict[int, Field] = {}
    for each in others.exclude(station=field.station_id).select_related("station").order_by("station", "number"):
        there = _place(each)
        if there is not None and is_near(place, there):
            found.setdefault(each.station_id, each)
    return list(found.values())


def names_for(field: Field, near: Collection[Field]) -> dict[int, str]:
    """Return the names of neighbours that all who keep a field's station may know, by the field's id.

    They are of public stations, and of those in all of the station's groups. Of one without a group, staff read.
    """
    through = StationGroup.stations.through.objects
    groups: dict[int, set[int]] = {each.station_id: set() for each in (field, *near)}
    for station, group in through.filter(station__in=groups).values_list("station_id", "stationgroup_id"):
        groups[station].add(group)
    own = groups[field.station_id]
    return {each.pk: str(each.station) for each in near if each.station.public or own <= groups[each.station_id]}


def _place(field: Field) -> Place | None:
    of = field.station
    return None if of.latitude is None or of.longitude is None else Place(of.latitude, of.longitude, of.elevation_m)


def marks(field: Field, span: Span) -> list[SetAside]:
    """Return what was decided about a field's readings in a span, or still has to be."""
    of_field = SetAside.objects.filter(overlapping(span), station=field.station_id)
    return [mark for mark in of_field.order_by("start", "pk") if mark.field in (None, field.number)]


def found_right(known: Sequence[SetAside], reason: str) -> list[Span]:
    """Return the spans in which people said that readings are right, although the machine gave a reason."""
    return [mark.span for mark in known if mark.reason == reason and mark.state in {State.REFUSED, State.UNDONE}]
