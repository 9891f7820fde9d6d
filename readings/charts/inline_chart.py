"""A chart that comes with the page: it shows at once, until scripts replace it, and in browsers without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from freetemp.fields import to_millis
from readings.calendar.periods import Period
from readings.calendar.span import Span
from readings.charts.box import Box, Point
from readings.charts.of_kind import plot_of
from readings.charts.plot import Frame, path_of
from readings.charts.ticks import time_ticks
from readings.history.packing import packed
from readings.history.series import bucket_width_ms
from readings.history.sums import SumSeries
from readings.models import Reading
from stations.models import Field
from stations.units import Units

# As many as the pixels of a phone's plot, or the days of a year.
POINTS = 370
MOST_POINTS = 2000  # static/js/chart/field_chart.js asks for no more.
# Coordinates are stretched to the available room. Whole numbers are exact to a wide screen's pixel, and short.
BOX = Box(0, 0, 1000, 400)
LEVELS, TICKS = 5, 5
LEAST_LINE = 20  # Of the box: 6 pixels of a phone's plot.


@dataclass(frozen=True)
class Sketch:
    """A plot of unknown size. Positions are in percent of its room, from the left and from the top."""

    plot: Frame

    @property
    def line(self) -> str:
        return _path(self.plot.lines, "")

    @property
    def dots(self) -> str:
        return _path(([point] for point in self.plot.dots(LEAST_LINE)), "")

    @property
    def band(self) -> str:
        return _path(self.plot.bands, "Z")

    @property
    def bars(self) -> str:
        return bars_path(self.plot.bars)

    @property
    def levels(self) -> list[tuple[str, str]]:
        return [(f"{y / BOX.height:.1%}", label) for y, label in self.plot.levels(LEVELS)]

    @property
    def ticks(self) -> list[tuple[str, str, str]]:
        return ticks_of(self.plot, self.plot.field.station.zone)


def ticks_of(plot: Frame, zone: ZoneInfo) -> list[tuple[str, str, str]]:
    """Return the marks of a plot's time axis by a zone's clock: positions in percent, labels, and labels below them."""
    marks = time_ticks(plot.start, plot.end, zone, TICKS)
    return [(f"{plot.x(mark.at) / BOX.width:.1%}", mark.label, mark.below) for mark in marks]


def sketches(fields: list[Field], period: Period, units: Units) -> dict[int, Sketch]:
    """Return a sketch of each field that has readings in a period, by the field's number."""

    drawn = ((of.number, Sketch(plot_of(of, period.start, period.end, POINTS, units, BOX))) for of in fields)
    return {number: each for number, each in drawn if each.plot.series.time}


def brought(drawn: Mapping[Any, Sketch], start: datetime, end: datetime) -> dict[str, Any]:
    """Return the sketches' series, packed, for the scripts: a request for them would take as long as the page did.

    `points` is the largest number of points for which each series would be the same.
    """
    fields = {number: _packed(each.plot) | {"points": _enough_for(each.plot)} for number, each in drawn.items()}
    return {"start": start.timestamp(), "end": end.timestamp(), "fields": fields}


def _enough_for(plot: Frame) -> int:
    """Return how many points a request may ask for to get the same series: even a wide screen shows a year by day."""
    if isinstance(plot.series, SumSeries):
        return MOST_POINTS  # More points than days make no difference to sums.
    at_most = bucket_width_ms(plot.start, plot.end, MOST_POINTS)
    is_widest = plot.series.step_s == at_most // 1000
    span = Span(to_millis(plot.start), to_millis(plot.end))
    return MOST_POINTS if is_widest and Reading.objects.has_more_than(MOST_POINTS, plot.field, span) else POINTS


def _packed(plot: Frame) -> dict[str, Any]:
    return packed(plot.series, plot.field.decimals)


def bars_path(bars: Iterable[Box]) -> str:
    """Return path data of bars, in whole pixels. Each is at least a pixel wide."""
    boxes = ((round(bar.left), round(bar.top), round(bar.right), round(bar.bottom)) for bar in bars)
    return "".join(f"M{x} {y}h{max(1, right - x)}v{bottom - y}H{x}z" for x, y, right, bottom in boxes)


def _path(stretches: Iterable[list[Point]], closing: str) -> str:
    return "".join(path_of(points) + closing for points in stretches)
