"""A series as coordinates in a box, ready to draw. static/js/chart/field_chart.js draws by the same rules."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import sub

from freetemp.formatting import decimal
from readings.charts.box import Box, Point
from readings.charts.ticks import value_ticks
from readings.history.of_kind import AnySeries
from readings.history.series import Series
from stations.models import Field
from stations.quantities import Kind
from stations.units import Unit

_HUGE = 1e300  # Differences of larger values are infinite: a broken board may report anything.


@dataclass(frozen=True)
class Frame:
    """A field's series from start to end in a box, in the viewer's unit. Each kind of quantity draws other shapes."""

    series: AnySeries
    field: Field
    unit: Unit
    start: datetime
    end: datetime
    box: Box

    @cached_property
    def range(self) -> tuple[float, float]:
        """Return the axis' lowest and highest value in the viewer's unit."""
        raise NotImplementedError

    @cached_property
    def lines(self) -> list[list[Point]]:
        """Return the points of each line."""
        return []

    @cached_property
    def bands(self) -> list[list[Point]]:
        """Return the outlines of areas around the lines."""
        return []

    @cached_property
    def bars(self) -> list[Box]:
        return []

    def dots(self, least: float) -> list[Point]:
        """Return points that are drawn by themselves: such as the ends of each line that is narrower than `least`."""
        return []

    def levels(self, most: int) -> list[tuple[float, str]]:
        """Return the heights of at most so many marks of the value axis, with their labels."""
        values, decimals = value_ticks(*self.range, most=most)
        return [(self.y(value), decimal(value, decimals)) for value in values]

    def x(self, at: datetime) -> float:
        return self._x(at.timestamp())

    def y(self, shown: float) -> float:
        """Return the height of a value in the viewer's unit."""
        low, high = self.range
        return self.box.bottom - (min(max(shown, low), high) - low) / (high - low) * self.box.height

    def y_of(self, stored: float) -> float:
        return self.y(self.unit.convert(stored))

    @cached_property
    def _span_s(self) -> tuple[float, float]:
        return self.start.timestamp(), self.end.timestamp()

    def _x(self, at_s: float) -> float:
        start_s, end_s = self._span_s
        share = (at_s - start_s) / max(end_s - start_s, 0.001)  # A day that a zone skipped has no length.
        return self.box.left + min(max(share, 0.0), 1.0) * self.box.width

    def _middle(self, at_s: float, step_s: float | None) -> float:
        """Return the moment at which a bucket is drawn: the middle of the part that the box shows."""
        if not step_s:
            return at_s
        start_s, end_s = self._span_s
        first, last = max(at_s, start_s), min(at_s + step_s, end_s)
        return (first + last) / 2 if last > first else at_s


@dataclass(frozen=True)
class Plot(Frame):
    """A level as a line of means in a band from the lowest to the highest; a maximum as a line of the highest."""

    series: Series

    @cached_property
    def range(self) -> tuple[float, float]:
        """Return the axis' lowest and highest value in the viewer's unit.

        The axis does not magnify noise, and a quantity that is never negative has no negative axis.
        """
        lows, highs = ([value for value in column if value is not None] for column in self._edges)
        if not lows:
            return 0.0, 1.0
        low, high = (min(max(self.unit.convert(edge), -_HUGE), _HUGE) for edge in (min(lows), max(highs)))
        least = 10.0 * 10.0 ** -self.unit.decimals(self.field.decimals)
        # The last term: adding a tenth to a number of 17 digits changes nothing.
        air = max((high - low) * 0.08, (least - (high - low)) / 2, 1e-9 * max(abs(low), abs(high)))
        bottom, top = max(0.0, low - air) if low >= 0 else low - air, high + air
        return bottom, min(102.0, top) if self.unit.symbol == "%" and high <= 100 else top

    @cached_property
    def lines(self) -> list[list[Point]]:
        """Return the means, or the highest values of a maximum, a list for each stretch without a gap."""
        return self._stretches(self.drawn)

    @cached_property
    def bands(self) -> list[list[Point]]:
        """Return the outline of the area between min and max for each stretch, or no outlines if readings are raw."""
        if self.series.step_s is None or self.is_maximum:
            return []
        lows, highs = (self._stretches(column) for column in self._edges)
        return [top + bottom[::-1] for top, bottom in zip(highs, lows, strict=True)]

    def dots(self, least: float) -> list[Point]:
        """Return the ends of each stretch that is narrower than `least`: a line so short is hardly seen."""
        short = [points for points in self.lines if points[-1][0] - points[0][0] < least]
        return [point for points in short for point in (points[0], *points[1:][-1:])]

    @property
    def _edges(self) -> tuple[list[float | None], list[float | None]]:
        return (self.series.max if self.is_maximum else self.series.min), self.series.max

    @property
    def drawn(self) -> list[float | None]:
        """Return the column that the line shows: the means, or the highest values of a maximum."""
        return self.series.max if self.is_maximum else self.series.mean

    @property
    def is_maximum(self) -> bool:
        return self.field.kind is Kind.MAXIMUM

    @cached_property
    def _xs(self) -> list[float]:
        """Return the x coordinate of each moment of the series: all its columns share it."""
        start_s, end_s = self._span_s
        left, width, length_s = self.box.left, self.box.width, max(end_s - start_s, 0.001)
        moments, step_s = self.series.time, self.series.step_s or 0
        # Only the first and the last can be cut by the box.
        first = bisect_left(moments, start_s)
        last = max(bisect_right(moments, end_s - step_s), first)
        whole = [left + ((at + (at + step_s)) / 2 - start_s) / length_s * width for at in moments[first:last]]
        before, after = ([self._x(self._middle(at, step_s)) for at in cut] for cut in (moments[:first], moments[last:]))
        return [*before, *whole, *after]

    def _stretches(self, column: Sequence[float | None]) -> list[list[Point]]:
        return [
            list(zip(xs, self._ys(values), strict=True)) for xs, values in _without_gaps(self._xs, column) if values
        ]

    def _ys(self, values: Sequence[float]) -> list[float]:
        """Return what y_of() returns for each of some values, in a third of the time."""
        (low, high), bottom, height = self.range, self.box.bottom, self.box.height
        scale, offset, length = self.unit.scale, self.unit.offset, high - low
        if low <= min(values) * scale + offset and max(values) * scale + offset <= high:
            return [bottom - (each * scale + offset - low) / length * height for each in values]
        return [bottom - (min(max(each * scale + offset, low), high) - low) / length * height for each in values]


def _without_gaps(
    xs: Sequence[float], column: Sequence[float | None]
) -> Iterator[tuple[Sequence[float], Sequence[float]]]:
    """Yield the places and the values of each stretch without a None."""
    start = 0
    gaps = [index for index, value in enumerate(column) if value is None]
    for end in [*gaps, len(column)]:
        yield xs[start:end], column[start:end]  # type: ignore[misc]  # there is no None between two gaps
        start = end + 1


def path_of(points: Sequence[Point]) -> str:
    """Return path data through points, in whole pixels as relative steps. Round ends turn a single point into a dot."""
    return path_through(*zip(*points, strict=True))


def path_through(xs: Sequence[float], ys: Sequence[float]) -> str:
    """Return the path data of path_of() for the points' coordinates."""
    xs, ys = list(map(round, xs)), list(map(round, ys))
    steps = [0] * (2 * len(xs[1:]))
    steps[::2], steps[1::2] = map(sub, xs[1:], xs), map(sub, ys[1:], ys)
    return f"M{xs[0]} {ys[0]}l" + (" ".join(["%d %d"] * len(xs[1:])) % tuple(steps) or "0 0")
