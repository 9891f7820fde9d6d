"""What a page tells of a span, by the kind of each field's quantity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from freetemp.fields import to_millis
from readings.calendar.span import Span
from readings.history.directions import Wind, winds
from readings.history.sums import Rate, highest_rate
from readings.history.totals import History, by_field
from readings.models.summary import Extremes, Figures
from stations.models import Field, Station
from stations.quantities import Kind


class Amount(NamedTuple):
    """What came in a span, in the field's unit: the number of readings, the sum, and the highest rate if any came."""

    n: int
    sum: float
    rate: Rate | None


Told = Extremes | Amount | Wind  # of levels and maxima; of amounts and counters; of directions
Row = Figures | Wind


@dataclass(frozen=True)
class Telling:
    """The figures of a station's fields: from rollups, as history.totals and history.directions have them."""

    station: Station
    fields: Sequence[Field]
    now: datetime

    def by_part(self, edges: Sequence[datetime], *, whole_end: bool = False) -> dict[tuple[int, int], Row]:
        """Return figures by (field's number, index of the part between the edges), as History.by_part() does."""
        return {**self._history.by_part(edges, whole_end=whole_end), **winds(self._directions, edges)}

    def of_span(self, start: datetime, end: datetime, *, whole_end: bool = False) -> dict[int, Row]:
        """Return the figures of a whole span by the field's number."""
        return {number: row for (number, _), row in self.by_part([start, end], whole_end=whole_end).items()}

    def told(self, start: datetime, end: datetime, rows: dict[tuple[int, int], Row] | None = None) -> dict[int, Told]:
        """Return what there is to tell of a span, by the field's number. `rows` are those of its parts, if known."""
        known = self._history.by_part([start, end]) if rows is None else rows
        figures = by_field({key: row for key, row in known.items() if isinstance(row, Figures)})
        span = Span(to_millis(start), to_millis(end)).whole_quarters()
        found: dict[int, Told] = dict(self._history.located(figures, start, end))
        for field in self._history.fields:
            if field.kind.is_sum and (each := figures.get(field.number)):
                found[field.number] = Amount(each.n, each.sum, highest_rate(field, span) if each.sum > 0 else None)
        return found | {number: wind for (number, _), wind in winds(self._directions, [start, end]).items()}

    @cached_property
    def _history(self) -> History:
        # Raw directions have a smallest, a largest and a mean, too: none of them is a figure.
        others = [field for field in self.fields if field.kind is not Kind.DIRECTION]
        return History(self.station, others, self.now)

    @cached_property
    def _directions(self) -> list[Field]:
        return [field for field in self.fields if field.kind is Kind.DIRECTION]
