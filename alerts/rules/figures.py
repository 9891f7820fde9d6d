"""The figure of each rule about a value: the newest value, or a change, a sum or a gust of its last hours.

What is about hours is computed from quarters of an hour, so that a rule's preview can do the same with the past year.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from alerts.models import Kind, Rule
from freetemp.fields import from_millis, to_millis
from readings.calendar.span import HOUR_MS, QUARTER_MS, Span, quarter_start_ms
from readings.models import Quarter
from readings.models.summary import Total
from stations.models import Field, Station

FRESH, FRESH_INTERVALS = timedelta(minutes=15), 3  # An older value tells nothing of now: the station may be silent.
LATELY_MS = 2 * QUARTER_MS  # A gust that a board delivers later is no news.


class Figure(NamedTuple):
    """A value in its field's unit, and its moment. `is_new` is whether it may begin a trouble, and not only go on."""

    value: float
    at: datetime
    is_new: bool = True


def figures(rules: Iterable[Rule], at: datetime) -> dict[int, Figure]:
    """Return the figures of rules by their numbers, of those whose stations have reported lately."""
    found: dict[int, Figure] = {}
    of_hours: list[Rule] = []
    for rule in rules:
        if rule.window_hours:
            of_hours.append(rule)
        elif figure := _newest(rule.measured, at):
            found[rule.pk] = figure
    return found | _of_hours([rule for rule in of_hours if _is_heard(rule.measured, at)], at)


def _newest(field: Field, at: datetime) -> Figure | None:
    value, measured_at = field.newest_value, field.newest_at
    if value is None or measured_at is None or not field.is_plausible(value):
        return None
    return Figure(value, measured_at) if at - measured_at <= _fresh(field.station) else None


def _is_heard(field: Field, at: datetime) -> bool:
    """Tell whether a station was heard lately, or its field: a gauge may be silent while it is dry."""
    heard = [moment for moment in (field.newest_at, field.station.last_heard_at) if moment]
    return bool(heard) and at - max(heard) <= _fresh(field.station)


def _fresh(station: Station) -> timedelta:
    return max(FRESH, FRESH_INTERVALS * timedelta(seconds=station.interval_s))


def _of_hours(rules: Iterable[Rule], at: datetime) -> dict[int, Figure]:
    rules = list(rules)
    wanted: dict[int, tuple[int, int, Span]] = {}
    for rule in rules:
        field = rule.measured
        for part, span in enumerate(_spans(rule, to_millis(at))):
            wanted[2 * rule.pk + part] = (field.station_id, field.number, span)
    totals = Quarter.objects.totals_of(wanted) if wanted else {}
    found = {rule.pk: _figure(rule, totals, at) for rule in rules}
    return {pk: figure for pk, figure in found.items() if figure}


def _spans(rule: Rule, at_ms: int) -> tuple[Span, Span]:
    """Return the two spans that a figure is made of: the end and the beginning of a change; all and the newest."""
    running_ms, hours_ms = quarter_start_ms(at_ms), rule.window_hours * HOUR_MS
    if rule.is_of_change:
        after = Span(running_ms - width_ms(rule.measured.station), running_ms)
        return after, after.later(-hours_ms)
    after_ms = running_ms + QUARTER_MS
    return Span(after_ms - hours_ms, after_ms), Span(after_ms - LATELY_MS, after_ms)


def width_ms(station: Station) -> int:
    """Return the time whose mean is an end of a change: a quarter of an hour, or what has a report in it."""
    return max(1, -(-station.interval_s * 1000 // QUARTER_MS)) * QUARTER_MS


def _figure(rule: Rule, totals: Mapping[int, Total], at: datetime) -> Figure | None:
    first, second = totals.get(2 * rule.pk), totals.get(2 * rule.pk + 1)
    if rule.is_of_change:
        moment = from_millis(quarter_start_ms(to_millis(at)))
        return Figure(change(rule, first.mean, second.mean), moment) if first and second else None
    if rule.kind == Kind.RAIN:
        return Figure(first.sum if first else 0.0, at)
    return Figure(first.max, at, second is not None and rule.is_beyond(second.max)) if first else None


def change(rule: Rule, newest: float, before: float) -> float:
    """Return the figure of a rule about a change, by the means at its end and at its beginning.

    What is going to be below is judged by the newest mean and by as much again as it fell: by Brunt's law a clear night
    cools with the root of its hours, so that nine more hours bring as much as the first three (docs/alerts.md).
    """
    rise = newest - before
    if rule.kind == Kind.HEADING:
        return newest + min(rise, 0.0)
    return rise if rule.kind == Kind.RISES else -rise
