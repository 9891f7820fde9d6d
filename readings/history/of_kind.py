"""A field's history for a chart, by the kind of its quantity."""

from __future__ import annotations

from datetime import datetime

from readings.history.directions import DirectionSeries, directions
from readings.history.series import Series, series
from readings.history.sums import SumSeries, sums
from stations.models import Field
from stations.quantities import Kind

AnySeries = Series | SumSeries | DirectionSeries


def history_of(of: Field, start: datetime, end: datetime, points: int) -> AnySeries:
    """Return a level's or a maximum's series, the sums of an amount or a counter, or directions."""
    if of.kind.is_sum:
        return sums(of, start, end, points)
    if of.kind is Kind.DIRECTION:
        return directions(of, start, end, points)
    return series(of, start, end, points)
