"""The longest time without a reading. The search begins with the days that lost most, and does not read whole years."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

from django.db import connection

from freetemp.sql import execute_values
from readings.calendar.span import QUARTER_MS, Span
from readings.history.series import GAP_FACTOR
from readings.history.usual_interval import NEAR, Days
from readings.models import Reading
from readings.models.counted import hull
from readings.models.summary import limits_of
from stations.models import Field

# In spans beyond two days, a gap is at least half an hour: it contains a whole quarter, which has no rollup then.
SHORTEST_MS = 2 * QUARTER_MS
# Days are examined in pairs, beginning with those that lost most: the gap is usually in the first ones.
ROUNDS = (2, 14)
MOST_ENDS = 64
# With this many times the usual readings, a day does not show how much of it is empty.
TOO_MANY = 1.1
# The most that two readings can be apart with none missing, where days meet: in usual distances, with some jitter.
AROUND = 2.2


class Longest(NamedTuple):
    """The longest gap, if there is any. If not `is_certain`, some days were not examined."""

    gap: Span | None
    is_certain: bool


@dataclass(frozen=True)
class Looked:
    """A field's days with readings within a span. The span cuts the days in `cut`: their counts are of whole days."""

    field: Field
    span: Span
    days: Days
    cut: frozenset[int] = frozenset()

    def shortest_ms(self, index: int, *, least_ms: float = 0) -> float:
        """Return the length that a gap between a day and the next must exceed, by the slowest of the days around."""
        around = self.days.intervals[max(0, index - 1) : index + 3]
        return max(least_ms, GAP_FACTOR * max(around, default=self.field.station.interval_s * 1000))


class _Pair(NamedTuple):
    """A day and the next day with readings, by the first one's index, and the longest gap possible in them."""

    most_ms: float
    day: int


class _Edge(NamedTuple):
    """Two quarters with no readings between them. None stands for the span's start or end."""

    most_ms: int
    field: int
    before_ms: int | None
    after_ms: int | None
    shortest_ms: float


def longest_among(looked: Looked, moments_ms: Sequence[int]) -> Longest:
    """Return the longest gap in a span, given all its readings."""
    edges = [looked.span.start_ms, *moments_ms, looked.span.end_ms]
    shortest = [looked.shortest_ms(index) for index in range(-1, len(looked.days.starts))]
    least_ms = min(shortest)
    long = [Span(before, after) for before, after in pairwise(edges) if after - before > least_ms]
    gaps = [gap for gap in long if gap.end_ms - gap.start_ms > shortest[bisect_right(looked.days.starts, gap.start_ms)]]
    return Longest(_longest(gaps), True)


def longest_in_quarters(every: Sequence[Looked]) -> dict[int, Longest]:
    """Return each field's longest gap, by its number, from quarters and the raw readings at their edges."""
    left = {looked.field.number: _pairs(looked) for looked in every}
    found: dict[int, list[Span]] = {number: [] for number in left}
    for many in ROUNDS:
        for number, gaps in _in_some(every, {number: pairs[:many] for number, pairs in left.items()}).items():
            found[number] += gaps
        best = {number: _length_ms(_longest(gaps)) for number, gaps in found.items()}
        left = {
            number: [pair for pair in pairs[many:] if pair.most_ms > best[number]] for number, pairs in left.items()
        }
    rest = {looked.field.number: _rest_ms(looked, left[looked.field.number]) for looked in every}
    return {number: Longest(_longest(gaps), rest[number] <= best[number]) for number, gaps in found.items()}


def _longest(gaps: Sequence[Span]) -> Span | None:
    return max(gaps, key=lambda gap: (gap.end_ms - gap.start_ms, -gap.start_ms), default=None)


def _length_ms(gap: Span | None) -> int:
    return gap.end_ms - gap.start_ms if gap else 0


def _in_some(every: Sequence[Looked], chosen: Mapping[int, Sequence[_Pair]]) -> dict[int, list[Span]]:
    starts = _quarters(every, chosen)
    edges = [
        edge
        for looked in every
        for edge in _likely(looked, chosen[looked.field.number], starts.get(looked.field.number, []))
    ]
    return _exact(every, edges)


def _pairs(looked: Looked) -> list[_Pair]:
    """Return the pairs of days that may have a gap, likely ones first. The outermost reach to the ends of the span."""
    days, span = looked.days, looked.span
    columns = zip(days.lengths, days.counts, days.intervals, strict=True)
    # Unless readings are closer than usual, each one fills its distance.
    lost = [length if n * ms > TOO_MANY * length + ms else max(0, length - n * ms) for length, n, ms in columns]
    for index in looked.cut:
        lost[index] = days.ends[index] - days.starts[index]
    intervals = [0, *days.intervals, 0]
    lost = [0, *lost, 0]
    holes = zip([span.start_ms, *days.ends], [*days.starts, span.end_ms], strict=True)
    slowest = max(intervals)
    is_one = min(days.intervals, default=0) == slowest
    least_ms = looked.shortest_ms(-1, least_ms=SHORTEST_MS) if is_one else SHORTEST_MS
    most = [end - start + lost[index] + lost[index + 1] + AROUND * slowest for index, (start, end) in enumerate(holes)]
    return sorted(
        (
            _Pair(most_ms, index - 1)
            for index, most_ms in enumerate(most)
            if most_ms > least_ms and (is_one or most_ms > looked.shortest_ms(index - 1, least_ms=SHORTEST_MS))
        ),
        reverse=True,
    )


def _rest_ms(looked: Looked, pairs: Sequence[_Pair]) -> float:
    """Return the longest gap to expect in these days, judged by the fullest days around them."""
    days, lengths = looked.days, looked.days.lengths
    rest: list[float] = [0]
    for _, index in pairs:
        two, near = slice(max(index, 0), index + 2), slice(max(0, index - NEAR), index + 2 + NEAR)
        usual_ms = min(length / n for length, n in zip(lengths[near], days.counts[near], strict=True))
        most_ms = days.ends[two][-1] - days.starts[two][0] - usual_ms * (sum(days.counts[two]) - AROUND)
        rest += [most_ms] if most_ms > looked.shortest_ms(index, least_ms=SHORTEST_MS) else []
    return max(rest)


def _quarters(every: Sequence[Looked], chosen: Mapping[int, Sequence[_Pair]]) -> dict[int, list[int]]:
    """Return the starts of the quarters with readings in the chosen days, in order, by field."""
    rows = []
    for looked in every:
        days, field = looked.days, looked.field
        indices = {n for pair in chosen[field.number] for n in (pair.day, pair.day + 1) if 0 <= n < len(days.starts)}
        rows += [
            (field.station_id, field.number, days.starts[n] - days.starts[n] % QUARTER_MS, days.ends[n])
            for n in sorted(indices)
        ]
    seek = (
        "readings_quarter AS t WHERE t.station_id = wanted.station AND t.field = wanted.field"
        " AND start >= wanted.first AND start < wanted.after"
    )
    # Like SummaryQuerySet.totals, this seeks by the primary key on either database.
    found = f"LATERAL (SELECT start FROM {seek}) AS found" if connection.vendor == "postgresql" else seek  # noqa: S608 - our names
    statement = (
        "WITH wanted (station, field, first, after) AS (VALUES {places})"  # noqa: S608 - our names
        f" SELECT wanted.field, start FROM wanted CROSS JOIN {found}"
    )
    returned = sorted(execute_values(statement, rows).returned)
    return {number: [start_ms for _, start_ms in of_field] for number, of_field in groupby(returned, key=itemgetter(0))}


def _likely(looked: Looked, pairs: Sequence[_Pair], starts: Sequence[int]) -> list[_Edge]:
    """Return the likeliest edges of the longest gap."""
    edges = {edge for pair in pairs for edge in _edges(looked, pair.day, starts)}
    return sorted(edges, key=lambda edge: (-edge.most_ms, edge.before_ms or 0))[:MOST_ENDS]


def _edges(looked: Looked, index: int, starts: Sequence[int]) -> Iterator[_Edge]:
    days, span, last = looked.days, looked.span, len(looked.days.starts) - 1
    first_ms = days.starts[index] if index >= 0 else span.start_ms
    after_ms = days.ends[index + 1] if index < last else span.end_ms
    edges: list[int | None] = [*starts[bisect_right(starts, first_ms - QUARTER_MS) : bisect_left(starts, after_ms)]]
    if index <= 0:
        edges.insert(0, None)
    if index >= last - 1:
        edges.append(None)
    shortest_ms = looked.shortest_ms(index, least_ms=SHORTEST_MS)
    for before, after in pairwise(edges):
        if before is not None and after is not None and after - before + QUARTER_MS <= shortest_ms:
            continue  # Nearly all are, and this is quick to tell.
        start_ms = span.start_ms if before is None else max(before, span.start_ms)
        end_ms = span.end_ms if after is None else min(after + QUARTER_MS, span.end_ms)
        if end_ms - start_ms > shortest_ms:
            yield _Edge(end_ms - start_ms, looked.field.number, before, after, shortest_ms)


def _exact(every: Sequence[Looked], edges: Sequence[_Edge]) -> dict[int, list[Span]]:
    """Return the gaps that are long enough, by field: from one quarter's last reading to another's first.

    If the raw readings are gone, a gap runs from the one quarter's end to the other's start.
    """
    by_number = {looked.field.number: looked for looked in every}
    rows = [
        (index, field.station_id, edge.field, edge.before_ms or 0, edge.after_ms or 0, *limits_of(field))
        for index, edge in enumerate(edges)
        for field in (by_number[edge.field].field,)
    ]
    counted = Reading.objects.all().table([each.field for each in every], hull(each.span for each in every))
    seek = (
        f"FROM {counted} AS t WHERE t.station_id = wanted.station AND t.field = wanted.field"
        " AND value >= wanted.smallest AND value <= wanted.largest"
    )
    before, after = (
        f"measured_at >= wanted.{at} AND measured_at < wanted.{at} + {QUARTER_MS}" for at in ("before", "after")
    )
    statement = (
        "WITH wanted (part, station, field, before, after, smallest, largest) AS (VALUES {places})"  # noqa: S608 - our names
        f" SELECT part, (SELECT max(measured_at) {seek} AND {before}), (SELECT min(measured_at) {seek} AND {after})"
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
