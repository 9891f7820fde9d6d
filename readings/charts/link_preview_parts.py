"""The parts of the picture that other sites show for a link to a station."""

from __future__ import annotations

from typing import NamedTuple

from readings.charts.box import Box, Point

SIZE = (1200, 630)
PLOT = Box(64, 444, 1136, 530)


class Line(NamedTuple):
    """A field over a time: stretches of the line, its low and high with their labels, and the marks of the axis.

    A sum has bars, and a direction dots instead.
    """

    stretches: tuple[tuple[Point, ...], ...] = ()
    bands: tuple[tuple[Point, ...], ...] = ()
    low: tuple[Point, str] | None = None
    high: tuple[Point, str] | None = None
    ticks: tuple[tuple[float, str], ...] = ()
    bars: tuple[Box, ...] = ()
    dots: tuple[Point, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.ticks


class Preview(NamedTuple):
    """Everything that is drawn. Two equal previews are the same picture."""

    name: str
    other_name: str  # If nothing of the name can be drawn.
    place: str
    value: str
    symbol: str
    moment: str
    others: tuple[str, ...]
    line: Line
    note: str
