"""The longest time without a reading, found where days have lost most, without reading years through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

from django.db import connection

from freetemp.sql import execute_values
from readings.models.rollup import QUARTER_MS
from readings.series import GAP_FACTOR
from readings.summaries import Span, limits_of
from readings.usual import NEAR, Counted
from stations.models import Field

# Beyond two days a gap is half an hour or longer: it has a whole quarter of an hour in it, which has no rollup then.
SHORTEST_MS = 2 * QUARTER_MS
# Days are looked at in twos, those that have lost most first.
MOST_PAIRS, MOST_ENDS = 16, 64
# A day that has so much more than is usual does not tell how much of it is empty.
TOO_MANY = 1.1
# In distances, with some jitter: how far apart readings are with nothing missing, where they are counted.
_AROUND = 2.2


class Longest(NamedTuple):
    """The longest gap, if there is any. If not `is_certain`, some days have not been looked at."""

    gap: Span | None
    is_certain: bool


@dataclass(frozen=True)
class Looked:
    """A field's days with readings within a span, in order; the outermost may be cut by it."""

    field: Field
    span: Span
    days: Sequence[Counted]
    cut: frozenset[int] = frozenset()  # The indices of days whose count is not that of the part within the span.

    def shortest_ms(self, index: int, *, least_ms: int = 0) -> float:
        """Return what a gap between a day and the next must exceed, going by the slowest of the days around."""
        around = self.days[max(0, index - 1) : index + 3] or [Counted(0, 0, 0, self.field.station.interval_s * 1000)]
        return max(least_ms, GAP_FACTOR * max(day.interval_ms for day in around))

    def index_of(self, moment_ms: int) -> int:
        """Return the index of the last day that has begun at a moment, or -1."""
        return sum(day.start_ms <= moment_ms for day in self.days) - 1


def longest_among(looked: Looked, moments_ms: Sequence[int]) -> Longest:
    """Return the longest gap between readings of a span, given all of them."""
    edges = [looked.span.start_ms, *moments_ms, looked.span.end_ms]
    shortest = [looked.shortest_ms(index) for index in range(-1, len(looked.days))]
    long = [Span(*pair) for pair in pairwise(edges) if pair[1] - pair[0] > min(shortest)]
    gaps = [gap for gap in long if gap.end_ms - gap.start_ms > shortest[looked.index_of(gap.start_ms) + 1]]
    return _longest(gaps, 0)


def longest_in_quarters(every: Sequence[Looked]) -> dict[int, Longest]:
    """Return each field's longest gap, by its number, out of quarters and the raw readings at their edges."""
    pairs = {looked.field.number: _pairs(looked) for looked in every}
    chosen = {number: each[:MOST_PAIRS] for number, each in pairs.items()}
    starts = _quarters(every, chosen)
    edges = [
        edge
        for looked in every
        for edge in _likely(looked, chosen[looked.field.number], starts.get(looked.field.number, []))
    ]
    gaps = _exact(every, edges)
    return {
        number: _longest(gaps.get(number, []), _rest_ms(looked, pairs[number][MOST_PAIRS:]))
        for looked in every
        for number in (looked.field.number,)
    }


class _Pair(NamedTuple):
    """A day and the next that has readings, by the day's index, and the longest gap there can be in them."""

    most_ms: float
    day: int


class _Edge(NamedTuple):
    """Two quarters with nothing between them: None where it is the span's start or end."""

    most_ms: int
    field: int
    before_ms: int | None
    after_ms: int | None
    shortest_ms: float


def _pairs(looked: Looked) -> list[_Pair]:
    """Return the twos of days that may have a gap; the first and the last with what is outside of them."""
    days, span = looked.days, looked.span
    found = []
    for index in range(-1, len(days)):
        two = days[max(index, 0) : index + 2]
        start_ms = days[index].start_ms if index >= 0 else span.start_ms
        end_ms = days[index + 1].end_ms if index + 1 < len(days) else span.end_ms
        filled_ms = sum(_filled_ms(day, n in looked.cut) for n, day in enumerate(two, max(index, 0)))
        # Readings on both sides of a gap have one distance less than there are of them.
        most_ms = end_ms - start_ms - filled_ms + _AROUND * max((day.interval_ms for day in two), default=0)
        if most_ms > looked.shortest_ms(index, least_ms=SHORTEST_MS):
            found.append(_Pair(min(most_ms, end_ms - start_ms), index))
    return sorted(found, reverse=True)


def _filled_ms(day: Counted, is_cut: bool) -> float:
    """Return how much of a day its readings fill at least, where they are not closer than is usual."""
    is_unknown = is_cut or day.n > TOO_MANY * day.expected + 1
    return 0 if is_unknown else day.n * min(day.interval_ms, day.length_ms / day.n)


def _rest_ms(looked: Looked, pairs: Sequence[_Pair]) -> float:
    """Return how long a gap to expect in these days at the most, by how full the fullest days around them are."""
    days = looked.days
    rest: list[float] = [0]
    for pair in pairs:
        two = days[max(pair.day, 0) : pair.day + 2]
        near = days[max(0, pair.day - NEAR) : pair.day + 2 + NEAR]
        usual_ms = min(day.length_ms / day.n for day in near)
        length_ms = two[-1].end_ms - two[0].start_ms
        most_ms = length_ms - usual_ms * (sum(day.n for day in two) - _AROUND)
        rest += [most_ms] if most_ms > looked.shortest_ms(pair.day, least_ms=SHORTEST_MS) else []
    return max(rest)


def _quarters(every: Sequence[Looked], chosen: Mapping[int, Sequence[_Pair]]) -> dict[int, list[int]]:
    """Return the starts of the quarters that have readings, of the days that are chosen, in order, by field."""
    rows = []
    for looked in every:
        indices = {n for pair in chosen[looked.field.number] for n in (pair.day, pair.day + 1)}
        spans = [looked.days[n] for n in sorted(indices) if 0 <= n < len(looked.days)]
        rows += [
            (looked.field.station_id, looked.field.number, each.start_ms - each.start_ms % QUARTER_MS, each.end_ms)
            for each in spans
        ]
    own = (
        "readings_quarter AS t WHERE t.station_id = wanted.station AND t.field = wanted.field"
        " AND start >= wanted.first AND start < wanted.after"
    )
    # As SummaryQuerySet.totals: sought by the primary key on either database.
    found = (
        f"LATERAL (SELECT start FROM {own}) AS found" if connection.vendor == "postgresql" else own  # noqa: S608 - our names
    )
    statement = (
        "WITH wanted (station, field, first, after) AS (VALUES {places})"  # noqa: S608 - our names
        f" SELECT wanted.field, start FROM wanted CROSS JOIN {found} ORDER BY 1, 2"
    )
    returned = execute_values(statement, rows).returned
    return {number: [start_ms for _, start_ms in each] for number, each in groupby(sorted(returned), key=itemgetter(0))}


def _likely(looked: Looked, pairs: Sequence[_Pair], starts: Sequence[int]) -> list[_Edge]:
    """Return the edges that the longest gap may have."""
    edges = {edge for pair in pairs for edge in _edges(looked, pair.day, starts)}
    return sorted(edges, key=lambda edge: (-edge.most_ms, edge.before_ms or 0))[:MOST_ENDS]


def _edges(looked: Looked, index: int, starts: Sequence[int]) -> Iterator[_Edge]:
    days, span = looked.days, looked.span
    first_ms = days[index].start_ms if index >= 0 else span.start_ms
    after_ms = days[index + 1].end_ms if index + 1 < len(days) else span.end_ms
    own: list[int | None] = [each for each in starts if first_ms - QUARTER_MS < each < after_ms]
    if index <= 0:
        own.insert(0, None)
    if index >= len(days) - 2:
        own.append(None)
    shortest_ms = looked.shortest_ms(index, least_ms=SHORTEST_MS)
    for before, after in pairwise(own):
        start_ms = span.start_ms if before is None else max(before, span.start_ms)
        end_ms = span.end_ms if after is None else min(after + QUARTER_MS, span.end_ms)
        if end_ms - start_ms > shortest_ms:
            yield _Edge(end_ms - start_ms, looked.field.number, before, after, shortest_ms)


def _exact(every: Sequence[Looked], edges: Sequence[_Edge]) -> dict[int, list[Span]]:
    """Return the gaps that are long enough, by field: from the last reading of one quarter to the first of another.

    Where the raw readings are gone, from the quarter's end and to its start.
    """
    by_number = {looked.field.number: looked for looked in every}
    rows = [
        (index, field.station_id, edge.field, edge.before_ms or 0, edge.after_ms or 0, *limits_of(field))
        for index, edge in enumerate(edges)
        for field in (by_number[edge.field].field,)
    ]
    own = (
        "FROM readings_reading AS t WHERE t.station_id = wanted.station AND t.field = wanted.field"
        " AND value >= wanted.smallest AND value <= wanted.largest"
    )
    before, after = (f"measured_at >= wanted.{at} AND measured_at < wanted.{at} + 900000" for at in ("before", "after"))
    statement = (
        "WITH wanted (part, station, field, before, after, smallest, largest) AS (VALUES {places})"  # noqa: S608 - our names
        f" SELECT part, (SELECT max(measured_at) {own} AND {before}), (SELECT min(measured_at) {own} AND {after})"
        " FROM wanted"
    )
    gaps: dict[int, list[Span]] = {}
    for index, last_ms, next_ms in execute_values(statement, rows).returned:
        edge, span = edges[index], by_number[edges[index].field].span
        gap = Span(_last(edge.before_ms, last_ms, span), _next(edge.after_ms, next_ms, span))
        if gap.end_ms - gap.start_ms > edge.shortest_ms:
            gaps.setdefault(edge.field, []).append(gap)
    return gaps


def _last(quarter_ms: int | None, moment_ms: int | None, span: Span) -> int:
    return span.start_ms if quarter_ms is None else moment_ms if moment_ms is not None else quarter_ms + QUARTER_MS


def _next(quarter_ms: int | None, moment_ms: int | None, span: Span) -> int:
    return span.end_ms if quarter_ms is None else moment_ms if moment_ms is not None else quarter_ms


def _longest(gaps: Sequence[Span], rest_ms: float) -> Longest:
    longest = max(gaps, key=lambda gap: (gap.end_ms - gap.start_ms, -gap.start_ms), default=None)
    return Longest(longest, rest_ms <= (longest.end_ms - longest.start_ms if longest else 0))
