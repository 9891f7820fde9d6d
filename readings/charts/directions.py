"""Wind directions as points: a line from 350 to 10 degrees would cross all of the others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from readings.charts.box import Point
from readings.charts.plot import Frame
from readings.display.compass import AXIS_DEG, four_points
from readings.history.directions import DirectionSeries


@dataclass(frozen=True)
class DirectionPlot(Frame):
    """The directions of a field on an axis from north over east, south and west to north."""

    series: DirectionSeries

    @cached_property
    def range(self) -> tuple[float, float]:
        return float(AXIS_DEG[0]), float(AXIS_DEG[-1])

    def dots(self, least: float) -> list[Point]:
        rows = zip(self.series.time, self.series.mean, strict=True)
        step_s = self.series.step_s
        return [(self._x(self._middle(at, step_s)), self.y(mean)) for at, mean in rows if mean is not None]

    def levels(self, most: int) -> list[tuple[float, str]]:
        letters = four_points()
        return [(self.y(degrees), letters[index % len(letters)]) for index, degrees in enumerate(AXIS_DEG)]
