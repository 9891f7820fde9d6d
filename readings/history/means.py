"""Means over time, put together from quarters of an hour: docs/figures.md has the rules."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

from readings.calendar.span import HOUR_MS, QUARTER_MS, Span
from readings.models.summary import Figures, Total

KeyT = TypeVar("KeyT")
Found = Iterable[tuple[int, Span, Total]]  # a field's number, a quarter of an hour or a part of one, its total


class Cell(NamedTuple):
    """An hour or a part of one: the table's row that it is in, and its weight in hours."""

    start_ms: int
    part: int
    weight: float


def cells_of(span: Span, first_hour_ms: int, edges_ms: Sequence[int], *, whole_end: bool = False) -> list[Cell]:
    """Divide a span into its hours, counted from `first_hour_ms`, and these by the edges between the table's rows.

    A part of an hour counts by its share. With `whole_end`, the last one counts as an hour.
    """
    begun_ms = max(span.start_ms, first_hour_ms)
    hours = range(first_hour_ms, span.end_ms, HOUR_MS)
    cuts = [span.start_ms, *sorted({at for at in (*hours, *edges_ms) if begun_ms < at < span.end_ms}), span.end_ms]
    cells = [
        Cell(start, bisect_right(edges_ms, start), min((end - start) / HOUR_MS, 1.0)) for start, end in pairwise(cuts)
    ]
    return [*cells[:-1], cells[-1]._replace(weight=1.0)] if whole_end else cells


def by_cell(found: Found, cells: Sequence[Cell]) -> dict[tuple[int, int], Figures]:
    """Return the figures of cells by (field's number, index of the cell). In each, every quarter counts alike.

    A part of a quarter counts by its share.
    """
    starts = [cell.start_ms for cell in cells]
    quarters = (
        {
            (number, max(bisect_right(starts, span.start_ms) - 1, 0)): Figures(
                total.n, total.mean, (span.end_ms - span.start_ms) / QUARTER_MS, total.min, total.max, total.sum
            )
        }
        for number, span, total in found
    )
    return {key: figures._replace(weight=cells[key[1]].weight) for key, figures in merged(quarters).items()}


def by_part(found: Found, cells: Sequence[Cell]) -> dict[tuple[int, int], Figures]:
    """Return the figures of rows by (field's number, index of the row). In each, every hour counts alike."""
    return merged({(number, cells[at].part): figures} for (number, at), figures in by_cell(found, cells).items())


def merged(every: Iterable[Mapping[KeyT, Figures]]) -> dict[KeyT, Figures]:
    together: dict[KeyT, Figures] = {}
    for each in every:
        for key, figures in each.items():
            together[key] = together[key].plus(figures) if key in together else figures
    return together
