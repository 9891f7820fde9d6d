"""A comparison as a picture: the content and layout of an SVG of several lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, NamedTuple

from readings.charts.box import Box
from readings.charts.plot import Plot
from readings.charts.svg_chart import MOST_POINTS, Picture, fitting
from readings.compare.chosen import Chosen, Line
from readings.compare.plots import PlottedLine, plotted

_AXIS = 44  # pixels beside the plot for the right axis' labels
A_LEGEND_LINE, LEGEND_SIZE = 18, 13


class Named(NamedTuple):
    """A line of the legend: its place and as much of its name as there is room for."""

    line: Line
    y: float
    text: str


@dataclass(frozen=True, kw_only=True)
class ComparedPicture(Picture):
    """Several lines over a period, with a legend above them. `station` and `field` are those of the first line."""

    template: ClassVar = "compare/chart.svg"

    chosen: Chosen

    @property
    def box(self) -> Box:
        own = super().box
        head = own.top if self.is_plain else (48 if self.is_small else 72) + A_LEGEND_LINE * len(self.chosen.lines)
        right = own.right - _AXIS if len(self.chosen.units) > 1 else own.right
        return Box(own.left, min(head, own.bottom - 40), right, own.bottom)

    @cached_property
    def plots(self) -> list[tuple[Line, PlottedLine]]:
        points = min(MOST_POINTS, int(self.box.width))
        return plotted(self.chosen.lines, self.period.start, self.period.end, points, self.box)

    @cached_property
    def plot(self) -> Plot:
        """Return the plot that places moments and the left axis' marks."""
        return self.plots[0][1]

    @property
    def right_levels(self) -> list[tuple[float, str]]:
        """Return the heights of the right axis' marks, with their labels."""
        return next((self.levels_of(plot) for line, plot in self.plots if line.axis == 1), [])

    @property
    def is_empty(self) -> bool:
        return not self.drawn

    @cached_property
    def drawn(self) -> list[tuple[Line, str, str]]:
        """Return each line with readings, as path data, and the path of its dots."""
        return [(line, self.path_of(plot), self.dots_of(plot)) for line, plot in self.plots if plot.series.time]

    @property
    def legend(self) -> list[Named]:
        first = 48 if self.is_small else 76
        return [
            Named(line, first + A_LEGEND_LINE * index, fitting(self._words(line), self.width - 60, LEGEND_SIZE))
            for index, line in enumerate(self.chosen.lines)
        ]

    @property
    def title_line(self) -> str:
        return fitting(f"{self.title} · {self.station.timezone}", self.width - (20 if self.is_small else 80), 14)

    def _words(self, line: Line) -> str:
        return f"{line.label} [{line.unit.symbol}]" if line.unit.symbol else line.label
