"""The drawing of a field by the kind of its quantity."""

from __future__ import annotations

from datetime import datetime

from readings.charts.bars import BarPlot
from readings.charts.box import Box
from readings.charts.directions import DirectionPlot
from readings.charts.plot import Frame, Plot
from readings.history.directions import DirectionSeries
from readings.history.of_kind import history_of
from readings.history.sums import SumSeries
from stations.models import Field
from stations.units import Units, displayed


def plot_of(field: Field, start: datetime, end: datetime, points: int, units: Units, box: Box) -> Frame:
    """Return a field's line with its band, its bars or its directions, of at most so many points."""
    found, unit = history_of(field, start, end, points), displayed(field.unit, units)
    if isinstance(found, SumSeries):
        return BarPlot(found, field, unit, start, end, box)
    if isinstance(found, DirectionSeries):
        return DirectionPlot(found, field, unit, start, end, box)
    return Plot(found, field, unit, start, end, box)
