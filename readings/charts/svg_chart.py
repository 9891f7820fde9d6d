"""A chart as a picture: the content and layout of an SVG of a field's history."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import ClassVar
from unicodedata import east_asian_width

from django.template.loader import render_to_string

from readings.calendar.periods import Period
from readings.charts.box import Box, Point
from readings.charts.facts import Fact, facts_of, short_of
from readings.charts.of_kind import plot_of
from readings.charts.palette import PALETTES, Palette
from readings.charts.plot import Frame
from readings.charts.ticks import Tick, time_ticks
from readings.history.totals import History
from readings.models.summary import Extremes
from stations.models import Field, Station
from stations.quantities import Kind
from stations.units import Units

MOST_POINTS = 1000
LEAST_HEIGHT_OF_WORDS = 160  # pixels
_HALF_A_LABEL = 22
_LEAST_LINE = 6  # pixels
# A letter's width as a share of its size: the metrics of a browser's own font are unknown here.
_LETTER, _WIDE_LETTER = 0.58, 1.05
# Characters that XML 1.0 cannot represent.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Picture:
    """A field of a station over a period, in a picture of so many pixels."""

    template: ClassVar = "charts/chart.svg"

    station: Station
    field: Field
    period: Period
    title: str
    moments: str  # The shortest format that identifies a moment inside the period.
    units: Units
    width: int
    height: int
    plain: bool = False

    @property
    def is_plain(self) -> bool:
        """Tell whether there are no words above the plot: there is no room, or the page has them beside it."""
        return self.plain or self.height < LEAST_HEIGHT_OF_WORDS

    @property
    def is_small(self) -> bool:
        return self.width < 480 or self.height < 260

    @cached_property
    def plot(self) -> Frame:
        points = min(MOST_POINTS, int(self.box.width))
        return plot_of(self.field, self.period.start, self.period.end, points, self.units, self.box)

    @property
    def box(self) -> Box:
        """Return the plot's box: the words are above it, the axes below and to its left."""
        edge, head, foot = (10, 62, 40) if self.is_small else (20, 96, 52)
        edge, head, foot = (0, 10, 36) if self.is_plain else (edge, head, foot)
        return Box(edge + 44, head, self.width - edge - 4, self.height - foot)

    @property
    def middle(self) -> tuple[float, float]:
        return (self.box.left + self.box.right) / 2, (self.box.top + self.box.bottom) / 2

    @property
    def labels_x(self) -> float:
        return self.box.left - 8

    @property
    def mark_x(self) -> float:
        return self.width - 44

    @property
    def ticks_y(self) -> float:
        return self.box.bottom + 18

    @cached_property
    def extremes(self) -> Extremes | None:
        return History(self.station, [self.field]).extremes(self.period.start, self.period.end).get(self.field.number)

    @property
    def is_empty(self) -> bool:
        return not self.extremes

    @cached_property
    def facts(self) -> list[Fact]:
        """Return the period's figures in words."""
        if not self.extremes:
            return []
        return facts_of(self.extremes, self.plot, self.period, self.units, self.moments)

    @property
    def short(self) -> str:
        """Return the main figure, for a picture with little room."""
        return short_of(self.extremes, self.field, self.period, self.units) if self.extremes else ""

    @cached_property
    def marks(self) -> list[tuple[float, float]]:
        """Return the positions of the low and the high of a level, and of the high of a maximum."""
        if not self.extremes or not self.field.kind.is_averaged:
            return []
        total, low_at, high_at = self.extremes
        low = [] if self.field.kind is Kind.MAXIMUM else [(self.plot.x(low_at), self.plot.y_of(total.min))]
        return [*low, (self.plot.x(high_at), self.plot.y_of(total.max))]

    @cached_property
    def levels(self) -> list[tuple[float, str]]:
        """Return the heights of the value axis' marks, with their labels."""
        return self.levels_of(self.plot)

    def levels_of(self, plot: Frame) -> list[tuple[float, str]]:
        return plot.levels(min(8, max(3, int(self.box.height // 34))))

    @cached_property
    def ticks(self) -> list[tuple[float, Tick]]:
        most = max(2, int(self.box.width // 56))
        marks = time_ticks(self.period.start, self.period.end, self.period.zone, most)
        placed = [(self.plot.x(mark.at), mark) for mark in marks]
        # The room that keeps the last label from being cut at the right.
        return [(x, mark) for x, mark in placed if x <= self.width - _HALF_A_LABEL]

    @property
    def line(self) -> str:
        return self.path_of(self.plot)

    @property
    def dots(self) -> str:
        return self.dots_of(self.plot)

    @staticmethod
    def path_of(plot: Frame) -> str:
        return _path(plot.lines, "")

    @staticmethod
    def dots_of(plot: Frame) -> str:
        """Return the ends of lines too short to be seen."""
        return _path(([point] for point in plot.dots(_LEAST_LINE)), "")

    @property
    def band(self) -> str:
        return _path(self.plot.bands, "Z")

    @property
    def bars(self) -> str:
        boxes = self.plot.bars
        return "".join(
            f"M{each.left:.1f},{each.top:.1f}H{each.right:.1f}V{each.bottom:.1f}H{each.left:.1f}Z" for each in boxes
        )

    @property
    def name(self) -> str:
        """Return as much of the station's name as there is room for."""
        return fitting(self.station.name, *((self.width - 20, 14) if self.is_small else (self.width - 80, 18)))

    def colour(self, palette: Palette) -> str:
        """Return the field's colour, the same as on the station's page."""
        numbers = [field.number for field in self.station.fields.all()]
        return palette.series[numbers.index(self.field.number) % len(palette.series)]

    def svg(self, theme: str) -> str:
        """Return the picture in light or dark colours. With an empty theme, the viewer's browser chooses."""
        palettes = [palette for name, palette in PALETTES.items() if theme in ("", name)]
        schemes = [(palette, self.colour(palette)) for palette in palettes]
        content = {"picture": self, "station": self.station, "field": self.field, "units": self.units}
        return NOT_XML.sub("", render_to_string(self.template, content | {"schemes": schemes}))


def fitting(text: str, width: float, size: float) -> str:
    """Return a text, cut off with an ellipsis if it would be wider than so many pixels."""
    room = width / size
    for index, letter in enumerate(text):
        room -= _WIDE_LETTER if east_asian_width(letter) in "WF" else _LETTER
        if room < 0:
            return f"{text[: index - 1].rstrip()}…"
    return text


def _path(stretches: Iterable[list[Point]], closing: str) -> str:
    """Return path data. A stretch of one point is a line to itself, which round ends turn into a dot."""
    return "".join(
        f"M{' '.join(f'{x:.1f},{y:.1f}' for x, y in chain(points, points[:1] if len(points) == 1 else []))}{closing}"
        for points in stretches
    )
