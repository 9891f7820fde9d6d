"""The figures of a field by the days of another zone than its station's, whose days are in no rollup."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from freetemp.fields import to_millis
from readings.calendar.days import day_starts_ms
from readings.calendar.span import Span
from readings.history.difference import by_days, parts_of_days
from readings.models import Quarter
from readings.models.summary import Figures
from stations.models import Field


def by_days_of(zone: ZoneInfo, of: Field, edges: Sequence[datetime], now: datetime) -> dict[int, Figures]:
    """Return a field's figures by the index of the part, where part i runs from edges[i] to edges[i + 1].

    The field is a level. As for a station's own days, in a day each hour counts alike, and then each day. A day that
    the edges cut, or that still runs, counts by its share. `n` is the number of days with readings.
    """
    edges_ms = [to_millis(edge) for edge in edges]
    span = Span(edges_ms[0], edges_ms[-1]).whole_quarters()
    width_ms, shift_ms = parts_of_days(zone, span)
    found = Quarter.objects.buckets(of, span, width_ms, shift_ms)
    parts = [(at - shift_ms, mean, low, high) for at, mean, low, high in found]
    ends = dict(pairwise(day_starts_ms(zone, span)))
    figures: dict[int, Figures] = {}
    for start_ms, mean, low, high in by_days(parts, zone, span):
        part = bisect_right(edges_ms[1:-1], start_ms)
        shown_ms = min(ends[start_ms], span.end_ms, to_millis(now)) - max(start_ms, span.start_ms)
        own = Figures(1, mean, max(shown_ms, 1) / (ends[start_ms] - start_ms), low, high, 0.0)
        figures[part] = figures[part].plus(own) if part in figures else own
    return figures
