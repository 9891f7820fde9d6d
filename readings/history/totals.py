"""A station's history, from the cheapest of raw readings, quarters and days that answer a question."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

from freetemp.fields import from_millis, to_millis
from readings.calendar.days import LONGEST_DAY_MS, day_starts_ms
from readings.calendar.span import HOUR_MS, QUARTER_MS, Span
from readings.models import Reading
from readings.models.rollup import Day, Quarter
from readings.models.summary import Extremes, Moments, SummaryQuerySet, Total, Wanted
from stations.models import Field, Station

# A page shows ranges up to this by the hour. They are exact: the raw readings are quick enough.
SHORT_MS = 49 * HOUR_MS


KeyT = TypeVar("KeyT")


class Pieces(NamedTuple):
    """A range as whole days, and as quarters where it cuts days."""

    days: Span
    quarters: list[Span]


@dataclass(frozen=True)
class History:
    """The plausible readings of a station's fields, from rollups.

    A range that begins or ends within a quarter of an hour is exact if it is short and its readings are kept. Otherwise
    it includes the whole quarter.
    """

    station: Station
    fields: Sequence[Field]

    def by_part(self, edges: Sequence[datetime]) -> dict[tuple[int, int], Total]:
        """Return totals by (field number, index of the part), where part i runs from edges[i] to edges[i + 1]."""
        edges_ms = [to_millis(edge) for edge in edges]
        sources = self._sources(Span(edges_ms[0], edges_ms[-1]))
        return _merged(source.totals(self.fields, _parts(span, edges_ms)) for source, span in sources)

    def extremes(self, start: datetime, end: datetime) -> dict[int, Extremes]:
        """Return each field's total with the moments of its low and high, by the field's number."""
        return self.located(by_field(self.by_part([start, end])), start, end)

    def located(self, totals: dict[int, Total], start: datetime, end: datetime) -> dict[int, Extremes]:
        """Return each field's total between two moments with the moments of its low and high, by the field's number.

        A moment is the first with that value, or the start of its quarter if the raw readings are gone.
        """
        found = self._moments(totals, Span(to_millis(start), to_millis(end))) if totals else {}
        # The start stands in: the row behind a total may be removed before its moment is looked up.
        at = {key: from_millis(ms) for key, ms in found.items()}
        return {n: Extremes(t, at.get((n, True), start), at.get((n, False), start)) for n, t in totals.items()}

    def _sources(self, asked: Span) -> Iterator[tuple[SummaryQuerySet[Any], Span]]:
        """Yield each source that answers for a part of the requested span, with that part."""
        if self._is_exact(asked):
            yield Reading.objects.all(), asked
            return
        days, quarters = self._pieces(asked)
        if days.start_ms < days.end_ms:
            yield Day.objects.all(), days
        for cut in quarters:
            yield Quarter.objects.all(), cut

    def _is_exact(self, asked: Span) -> bool:
        """Tell whether the answer needs the raw readings, and they are kept and few."""
        is_short = asked.end_ms - asked.start_ms <= SHORT_MS
        return is_short and asked != asked.whole_quarters() and asked.start_ms >= self.station.raw_since_ms

    def _pieces(self, asked: Span) -> Pieces:
        span = asked.whole_quarters()
        if span.end_ms - span.start_ms <= SHORT_MS + 2 * QUARTER_MS:
            return Pieces(Span(0, 0), [span])
        zone = self.station.zone
        begun_ms, next_ms, *_ = day_starts_ms(zone, Span(span.start_ms, span.start_ms + QUARTER_MS))
        last_ms, *_ = day_starts_ms(zone, Span(span.end_ms, span.end_ms + QUARTER_MS))
        days = Span(span.start_ms if begun_ms == span.start_ms else next_ms, last_ms)
        cut = [Span(span.start_ms, days.start_ms), Span(days.end_ms, span.end_ms)]
        return Pieces(days, [each for each in cut if each.start_ms < each.end_ms])

    def _moments(self, totals: dict[int, Total], asked: Span) -> Moments:
        """Find each low and high in its day, then its quarter, then among the raw readings that are left."""
        if self._is_exact(asked):
            return Reading.objects.locate(self.station, _wanted(totals, lambda key: [asked]))
        days, cut = self._pieces(asked)
        found: Moments = {}
        if days.start_ms < days.end_ms:
            found = Day.objects.locate(self.station, _wanted(totals, lambda key: [days]))
        in_days = {key: Span(at, at + LONGEST_DAY_MS) for key, at in found.items()}
        found |= Quarter.objects.locate(
            self.station, _wanted(totals, lambda key: [*cut, *([in_days[key]] if key in in_days else [])])
        )
        in_quarters = {key: [Span(max(at, self.station.raw_since_ms), at + QUARTER_MS)] for key, at in found.items()}
        return found | Reading.objects.locate(self.station, _wanted(totals, lambda key: in_quarters.get(key, [])))


def by_field(totals: dict[tuple[int, int], Total]) -> dict[int, Total]:
    """Return the totals of all parts together, by the field's number."""
    return _merged({number: total} for (number, _), total in totals.items())


def _parts(span: Span, edges_ms: Sequence[int]) -> list[tuple[int, Span]]:
    """Return the share of a span in each part, with the part's index. The first share begins with the span."""
    starts = [span.start_ms, *edges_ms[1:]]
    parts = [Span(max(start, span.start_ms), min(end, span.end_ms)) for start, end in pairwise(starts)]
    return [(index, part) for index, part in enumerate(parts) if part.start_ms < part.end_ms]


def _wanted(totals: dict[int, Total], spans: Callable[[tuple[int, bool]], Iterable[Span]]) -> list[Wanted]:
    return [
        Wanted(number, is_low, span, total.min if is_low else total.max)
        for number, total in totals.items()
        for is_low in (True, False)
        for span in spans((number, is_low))
    ]


def _merged(totals: Iterable[dict[KeyT, Total]]) -> dict[KeyT, Total]:
    merged: dict[KeyT, Total] = {}
    for each in totals:
        merged |= {key: merged[key].plus(total) if key in merged else total for key, total in each.items()}
    return merged
