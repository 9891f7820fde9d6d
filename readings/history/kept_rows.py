"""Rows of a field that a newest reading cannot change: each process keeps them as long as the field's edition stays.

A day's readings and buckets take longer to read than all else that a page tells of them, and from one reading to the
next, only the last of them is another. Those of a month that is over stay as they are.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Hashable, Sequence
from typing import Any

from freetemp.fields import to_millis
from freetemp.kept import Kept
from readings.calendar.span import Span
from readings.models.summary import limits_of
from stations.models import Field

MOST_KEPT = 100
MOST_NUMBERS = 3_000  # in the rows of one: 24 kB

kept_rows: Kept[Hashable, array[float]] = Kept(MOST_KEPT)


class Rows:
    """A field's rows in a span, in order of time, each of some numbers: the first is the start of the row's stretch.

    `left` is the part of the span that has to be read: it begins with the last row that was there before. A reading
    that becomes the newest is of that row or of a later one. If the span ends before the newest reading, nothing is
    left as soon as it was read once. `what` names the rows' kind.
    """

    def __init__(self, field: Field, span: Span, width: int, what: Hashable) -> None:
        self._key: tuple[Hashable, ...] | None = None
        self._is_over = False
        if field.newest_at:
            self._is_over = to_millis(field.newest_at) >= span.end_ms
            limits = limits_of(field), field.is_treated, field.station.raw_since_ms
            until_ms = span.end_ms if self._is_over else None
            self._key = field.pk, field.edition, limits, field.station.zone, span.start_ms, until_ms, what
        self._known = (kept_rows.get(self._key) if self._key else None) or array("d")
        self._span, self._width = span, width
        self.left = Span(min(int(self._known[-1]), span.end_ms), span.end_ms) if self._known else span

    @property
    def is_complete(self) -> bool:
        """Tell whether nothing has to be read."""
        return self.left.start_ms >= self.left.end_ms

    def with_read(self, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Return all rows, given those of `left`."""
        closed, width = self._known[:-1], self._width
        columns = [closed[at::width].tolist() for at in range(width)]
        every = [*zip(map(int, columns[0]), *columns[1:], strict=True), *rows]
        if self._key and rows and len(every) * width <= MOST_NUMBERS:
            for row in rows if self._is_over else rows[:-1]:
                closed.extend(row)
            closed.append(self._span.end_ms if self._is_over else rows[-1][0])
            kept_rows.put(self._key, closed)
        # Another visit may have kept later ones.
        return every[: bisect_left(every, (self._span.end_ms,))]
