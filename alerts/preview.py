"""What a rule about a value would have told in the past year: from quarters, so that it takes a tenth of a second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from alerts.models import Kind, Rule
from freetemp.fields import to_millis
from readings.calendar.span import QUARTER_MS, Span
from readings.models import Quarter

BACK = timedelta(days=365)


def spells(rule: Rule, at: datetime) -> list[Span]:
    """Return the times of the past year at which a rule would have spoken, to a quarter of an hour."""
    field = rule.measured
    span = Span(to_millis(at - BACK), to_millis(at))
    rows = Quarter.objects.by_start(field.station_id, field.number, span)
    quarters = ((start_ms, total.min, total.max) for (_, _, start_ms), total in sorted(rows.items()))
    lasting_ms = rule.lasting // timedelta(milliseconds=1)
    return [each for each in _beyond(rule, quarters) if each.end_ms - each.start_ms >= lasting_ms]


def _beyond(rule: Rule, quarters: Iterable[tuple[int, float, float]]) -> Iterator[Span]:
    """Yield the stretches that begin with a value beyond the limit, and end when one has come back."""
    start_ms = end_ms = None
    for quarter_ms, low, high in quarters:
        furthest, nearest = (high, low) if rule.kind == Kind.ABOVE else (low, high)
        if rule.is_beyond(furthest):
            start_ms = quarter_ms if start_ms is None else start_ms
            end_ms = quarter_ms + QUARTER_MS
        elif start_ms is not None and end_ms is not None and rule.is_back(nearest):
            yield Span(start_ms, end_ms)
            start_ms = end_ms = None
    if start_ms is not None and end_ms is not None:
        yield Span(start_ms, end_ms)
