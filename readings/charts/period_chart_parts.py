"""The parts of a chart that a letter brings along as a picture."""

from __future__ import annotations

from typing import NamedTuple

from readings.charts.box import Box
from readings.charts.link_preview_parts import Line

# A phone shows it in a third of its width: its words are large.
SIZE = (1080, 440)
PLOT = Box(124, 60, 1048, 330)
AXIS_Y = 376  # The label of a low has room above it.


class PeriodChart(NamedTuple):
    """What is drawn of a field: its line, the marks of its value axis, each a height and a label, and its colour."""

    line: Line
    levels: tuple[tuple[float, str], ...]
    colour: str
