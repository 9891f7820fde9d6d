"""A station's history, from the cheapest of raw readings, quarters and days that answer a question."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from django.utils import timezone

from freetemp.fields import from_millis, to_millis
from readings.calendar.days import LONGEST_DAY_MS, RunningDay, day_of, day_start_ms, running_day
from readings.calendar.span import HOUR_MS, QUARTER_MS, Span, quarter_start_ms
from readings.history import means
from readings.history.means import Found, cells_of, merged
from readings.models import Day, Quarter, Reading
from readings.models.summary import Extremes, Figures, Moments, Wanted
from stations.models import Field, Station

# A page shows ranges up to this by the hour, and their means are those of hours. They are exact: the raw readings are
# quick enough.
SHORT_MS = 49 * HOUR_MS

ByPart = dict[tuple[int, int], Figures]  # by (field's number, index of the part)


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
    now: datetime | None = None

    @cached_property
    def running(self) -> RunningDay:
        return running_day(self.station.zone, self.now or timezone.now())

    def by_part(self, edges: Sequence[datetime], *, whole_end: bool = False) -> ByPart:
        """Return the figures by (field number, index of the part), where part i runs from edges[i] to edges[i + 1].

        Means are those of hours in a short range and of days in a longer one. An hour or a day that the range cuts
        counts by its share, except the last hour with `whole_end`: it is compared with one that still runs.
        """
        edges_ms = [to_millis(edge) for edge in edges]
        asked = Span(edges_ms[0], edges_ms[-1])
        if asked.start_ms >= asked.end_ms:
            return {}
        whole = asked.whole_quarters()
        if self._is_exact(asked):
            # What came before a reading may be from before the range: sums are those of whole quarters.
            levels, sums = (self._only(is_sum=is_sum) for is_sum in (False, True))
            return levels._by_hours(asked, edges_ms, whole_end) | sums._by_hours(whole, edges_ms, whole_end)
        if asked.end_ms - asked.start_ms <= SHORT_MS:
            return self._by_hours(whole, edges_ms, whole_end)
        return self._by_days(asked, edges_ms)

    def _only(self, *, is_sum: bool) -> History:
        return replace(self, fields=[field for field in self.fields if field.kind.is_sum == is_sum])

    def extremes(self, start: datetime, end: datetime) -> dict[int, Extremes]:
        """Return each field's figures with the moments of its low and high, by the field's number."""
        return self.located(by_field(self.by_part([start, end])), start, end)

    def located(self, figures: dict[int, Figures], start: datetime, end: datetime) -> dict[int, Extremes]:
        """Return each field's figures between two moments with the moments of its low and high, by the field's number.

        A moment is the first with that value, or the start of its quarter if the raw readings are gone. Sums and
        directions have no low and no high: their moments mean nothing.
        """
        with_extremes = {field.number for field in self.fields if field.kind.is_averaged}
        wanted = {number: each for number, each in figures.items() if number in with_extremes}
        found = self._moments(wanted, Span(to_millis(start), to_millis(end))) if wanted else {}
        # The start stands in: the row behind a total may be removed before its moment is looked up.
        at = {key: from_millis(ms) for key, ms in found.items()}
        return {n: Extremes(f, at.get((n, True), start), at.get((n, False), start)) for n, f in figures.items()}

    def _by_hours(self, span: Span, edges_ms: Sequence[int], whole_end: bool) -> ByPart:
        # A day's last hour is short if clocks are set by half an hour, and counts all the same: see models/day.py.
        whole_end |= all(day_start_ms(self.station.zone, quarter_start_ms(at)) == at for at in span)
        cells = cells_of(span, edges_ms[0], edges_ms[1:-1], whole_end=whole_end)
        cuts = {at for cell in cells if (at := cell.start_ms) % QUARTER_MS}
        found = self._exact(span, cuts) if span != span.whole_quarters() else self._quarters([span])
        return means.by_part(found, cells)

    def _exact(self, span: Span, cuts: Iterable[int]) -> Found:
        """Return the totals of quarters from raw readings: the span cuts the first and the last, and `cuts` some."""
        whole = span.whole_quarters()
        edges = sorted({*span, *cuts, *range(whole.start_ms + QUARTER_MS, whole.end_ms, QUARTER_MS)})
        pieces = [Span(*each) for each in pairwise(edges)]
        totals = Reading.objects.totals(self.fields, list(enumerate(pieces)))
        return [(number, pieces[at], total) for (number, at), total in totals.items()]

    def _quarters(self, spans: Iterable[Span]) -> Found:
        wanted = [(self.station.pk, field.number, span) for field in self.fields for span in spans]
        found = Quarter.objects.in_spans(wanted)
        return [(number, Span(at, at + QUARTER_MS), total) for (_, number, at), total in found]

    def _by_days(self, asked: Span, edges_ms: Sequence[int]) -> ByPart:
        days, cut = self._pieces(asked)
        of_days = Day.objects.figures(self.fields, _parts(days, edges_ms), self.running)
        return merged([of_days, *(self._of_cut_day(piece, edges_ms) for piece in cut)])

    def _of_cut_day(self, piece: Span, edges_ms: Sequence[int]) -> ByPart:
        """Return the figures of a piece of a day. It counts by its share of the day, as far as it has passed."""
        day = day_of(self.station.zone, piece.start_ms)
        found = means.by_part(self._quarters([piece]), cells_of(piece, day.start_ms, edges_ms[1:-1]))
        hours = {number: sum(each.weight for (own, _), each in found.items() if own == number) for number, _ in found}
        share = self._share(day, piece)
        return {key: each._replace(weight=share * each.weight / hours[key[0]]) for key, each in found.items()}

    def _share(self, day: Span, piece: Span) -> float:
        length_ms, end_ms = day.end_ms - day.start_ms, piece.end_ms
        if day.start_ms == self.running.start_ms:
            end_ms = min(end_ms, day.start_ms + round(self.running.share * length_ms))
        return max(end_ms - piece.start_ms, 1) / length_ms

    def _is_exact(self, asked: Span) -> bool:
        """Tell whether the answer needs the raw readings, and they are kept and few."""
        is_short = asked.end_ms - asked.start_ms <= SHORT_MS
        return is_short and asked != asked.whole_quarters() and asked.start_ms >= self.station.raw_since_ms

    def _pieces(self, asked: Span) -> Pieces:
        span = asked.whole_quarters()
        if asked.end_ms - asked.start_ms <= SHORT_MS:
            return Pieces(Span(0, 0), [span])
        zone = self.station.zone
        first = day_of(zone, span.start_ms)
        first_ms = span.start_ms if first.start_ms == span.start_ms else first.end_ms
        days = Span(first_ms, day_of(zone, span.end_ms).start_ms)
        cut = [Span(span.start_ms, days.start_ms), Span(days.end_ms, span.end_ms)]
        return Pieces(days, [each for each in cut if each.start_ms < each.end_ms])

    def _moments(self, figures: dict[int, Figures], asked: Span) -> Moments:
        """Find each low and high in its day, then its quarter, then among the raw readings that are left."""
        if self._is_exact(asked):
            return Reading.objects.locate(self.station, self.fields, _wanted(figures, lambda key: [asked]))
        days, cut = self._pieces(asked)
        found: Moments = {}
        if days.start_ms < days.end_ms:
            found = Day.objects.locate(self.station, self.fields, _wanted(figures, lambda key: [days]))
        in_days = {key: Span(at, at + LONGEST_DAY_MS) for key, at in found.items()}
        found |= Quarter.objects.locate(
            self.station,
            self.fields,
            _wanted(figures, lambda key: [*cut, *([in_days[key]] if key in in_days else [])]),
        )
        in_quarters = {key: [Span(max(at, self.station.raw_since_ms), at + QUARTER_MS)] for key, at in found.items()}
        return found | Reading.objects.locate(
            self.station, self.fields, _wanted(figures, lambda key: in_quarters.get(key, []))
        )


def by_field(figures: ByPart) -> dict[int, Figures]:
    """Return the figures of all parts together, by the field's number."""
    return merged({number: each} for (number, _), each in figures.items())


def _parts(span: Span, edges_ms: Sequence[int]) -> list[tuple[int, Span]]:
    """Return the share of a span in each part, with the part's index. The first share begins with the span."""
    starts = [span.start_ms, *edges_ms[1:]]
    parts = [Span(max(start, span.start_ms), min(end, span.end_ms)) for start, end in pairwise(starts)]
    return [(index, part) for index, part in enumerate(parts) if part.start_ms < part.end_ms]


def _wanted(figures: dict[int, Figures], spans: Callable[[tuple[int, bool]], Iterable[Span]]) -> list[Wanted]:
    return [
        Wanted(number, is_low, span, each.min if is_low else each.max)
        for number, each in figures.items()
        for is_low in (True, False)
        for span in spans((number, is_low))
    ]
