"""Rain and other sums as bars, each from the start of its hour, day or month to its end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from readings.charts.box import Box
from readings.charts.plot import Frame
from readings.history.sums import SumSeries

_AIR = 0.08  # above the highest bar, as a share of it
_BETWEEN = 0.12  # of a bar's width is left free beside it
# A bar so low that it could not be seen is drawn this high, as a share of the box: some rain is not no rain.
_LEAST_HEIGHT = 0.012


@dataclass(frozen=True)
class BarPlot(Frame):
    """The sums of an amount or a counter. The axis begins at 0; a bucket without readings and a dry one have no bar."""

    series: SumSeries

    @cached_property
    def range(self) -> tuple[float, float]:
        highest = max((self.unit.convert(each) for each in self.series.sum), default=0.0)
        return 0.0, max(highest * (1 + _AIR), 10.0 * 10.0 ** -self.unit.decimals(self.field.decimals))

    @cached_property
    def bars(self) -> list[Box]:
        rows = zip(self.series.time, self.series.end, self.series.sum, strict=True)
        drawn = (self._bar(self._x(start), self._x(end), amount) for start, end, amount in rows if amount > 0)
        return [bar for bar in drawn if bar.width > 0]

    def _bar(self, left: float, right: float, amount: float) -> Box:
        beside = (right - left) * _BETWEEN / 2
        top = min(self.y_of(amount), self.box.bottom - _LEAST_HEIGHT * self.box.height)
        return Box(left + beside, top, right - beside, self.box.bottom)
