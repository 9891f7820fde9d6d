"""Several lines in one box: each has the axis of its unit, at the left or at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from readings.calendar.periods import Period
from readings.charts.box import Box, Point
from readings.charts.inline_chart import BOX, POINTS, Sketch, ticks_of
from readings.charts.plot import Plot
from readings.compare.chosen import Line, Pair
from readings.history.difference import difference
from readings.history.series import Series, series


@dataclass(frozen=True)
class PlottedLine(Plot):
    """A line on an axis that it may share. Its means alone are drawn: six bands would hide each other."""

    axis: tuple[float, float] = field(default=(0.0, 1.0), kw_only=True)

    @cached_property
    def range(self) -> tuple[float, float]:
        return self.axis

    @cached_property
    def bands(self) -> list[list[Point]]:
        return []


@dataclass(frozen=True)
class DifferencePlot(Plot):
    """A difference of two fields, drawn by its means even if both are maxima."""

    @property
    def is_maximum(self) -> bool:
        return False


def plotted(
    lines: Sequence[Line], start: datetime, end: datetime, points: int, box: Box
) -> list[tuple[Line, PlottedLine]]:
    """Return each line with its plot in a box, on the axis of its unit."""
    alone = [
        (line, PlottedLine(series(line.field, start, end, points), line.field, line.unit, start, end, box))
        for line in lines
    ]
    ranges = {axis: _range([plot for line, plot in alone if line.axis == axis]) for axis in (0, 1)}
    return [(line, replace(plot, axis=ranges[line.axis])) for line, plot in alone]


def _range(plots: Sequence[PlottedLine]) -> tuple[float, float]:
    """Return the lowest and the highest value of an axis: by the rule for one line that had all the lines' means."""
    if not plots:
        return 0.0, 1.0
    finest = max(plots, key=lambda plot: plot.unit.decimals(plot.field.decimals))
    means = [plot.unit.convert(mean) for plot in plots for mean in plot.drawn if mean is not None]
    together = Series(None, [], [*means], [*means], [*means])
    shown = replace(finest.unit, scale=1.0, offset=0.0)  # The lines may be stored in different units.
    return Plot(together, finest.field, shown, finest.start, finest.end, finest.box).range


@dataclass(frozen=True)
class LinesSketch:
    """Several lines in a plot of unknown size. Positions are in percent of its room, from the left and from the top."""

    plots: Sequence[tuple[Line, Plot]]
    zone: ZoneInfo  # the clock of the whole chart

    @property
    def drawn(self) -> list[tuple[Line, Sketch]]:
        return [(line, Sketch(plot)) for line, plot in self.plots if plot.series.time]

    @property
    def levels(self) -> list[tuple[str, str]]:
        """Return the marks of the left axis."""
        return self._levels(0)

    @property
    def right_levels(self) -> list[tuple[str, str]]:
        """Return the marks of the right axis, or none if there is no such axis. The grid is that of the left one."""
        return self._levels(1)

    def _levels(self, axis: int) -> list[tuple[str, str]]:
        return next((Sketch(plot).levels for line, plot in self.plots if line.axis == axis), [])

    @property
    def ticks(self) -> list[tuple[str, str, str]]:
        return ticks_of(self.plots[0][1], self.zone)


def sketch_of(lines: Sequence[Line], period: Period) -> LinesSketch:
    return LinesSketch(plotted(lines, period.start, period.end, POINTS, BOX), period.zone)


def sketch_of_difference(pair: Pair, period: Period) -> LinesSketch:
    found = difference(pair.line.field, pair.less.field, period.start, period.end, POINTS)
    plot = DifferencePlot(found, pair.line.field, pair.unit, period.start, period.end, BOX)
    return LinesSketch([(pair.line._replace(unit=pair.unit, axis=0), plot)], period.zone)
