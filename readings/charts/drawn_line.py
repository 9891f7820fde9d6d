"""What a PNG picture shows of a field over a time."""

from __future__ import annotations

from typing import Any

from readings.charts.link_preview_parts import Line
from readings.charts.plot import Frame
from readings.charts.ticks import time_ticks
from readings.display.values import is_one_value, quantity
from readings.models.summary import Extremes
from stations.quantities import Kind
from stations.units import Units


def line_of(plot: Frame, found: Extremes, units: Units, most_ticks: int) -> Line:
    """Return the shapes of a plot with its low and high, or its bars or dots, and at most about so many marks."""
    marks = time_ticks(plot.start, plot.end, plot.field.station.zone, most_ticks)
    ticks = tuple((plot.x(tick.at), tick.label) for tick in marks)
    line = Line(tuple(map(tuple, plot.lines)), tuple(map(tuple, plot.bands)), ticks=ticks)
    if plot.field.kind.is_averaged:
        return line._replace(**_extremes(found, plot, units))
    return line._replace(bars=tuple(plot.bars), dots=tuple(plot.dots(0)))


def _extremes(found: Extremes, plot: Frame, units: Units) -> dict[str, Any]:
    """Return the low and the high of a line with their labels. A maximum has no low."""
    (total, low_at, high_at), field = found, plot.field
    has_low = field.kind is Kind.LEVEL and not is_one_value(total.min, total.max, field, units)
    low = (plot.x(low_at), plot.y_of(total.min)), quantity(total.min, field, units)
    high = (plot.x(high_at), plot.y_of(total.max)), quantity(total.max, field, units)
    return {"low": low if has_low else None, "high": high}
