"""Draws the charts of letters, in a process of its own without Django, as link_preview_png.py does previews."""

from __future__ import annotations

import msgspec
from PIL import Image, ImageDraw

from readings.charts.drawing_pipe import answer_each
from readings.charts.palette import LIGHT
from readings.charts.period_chart_parts import AXIS_Y, PLOT, SIZE, PeriodChart
from readings.charts.png_shapes import Style, compressed, draw_extremes, draw_line
from readings.charts.png_text import drawable, font

_WORDS = 38  # pixels


def main() -> None:
    answer_each(lambda asked: png(msgspec.msgpack.decode(asked, type=PeriodChart)))


def png(chart: PeriodChart) -> bytes:
    """Return the picture as a PNG in light colours: no mail program tells a picture which scheme it uses."""
    image = Image.new("RGB", SIZE, LIGHT.surface)
    draw = ImageDraw.Draw(image)
    for y, label in chart.levels:
        draw.line((PLOT.left, y, PLOT.right, y), LIGHT.line, 2)
        draw.text((PLOT.left - 14, y), drawable(label), LIGHT.muted, font(_WORDS), anchor="rm")
    for x, label in chart.line.ticks:
        draw.line((x, AXIS_Y, x, AXIS_Y + 8), LIGHT.muted, 2)
        draw.text((min(x, SIZE[0] - 56), AXIS_Y + 48), drawable(label), LIGHT.muted, font(_WORDS), anchor="ms")
    draw.line((PLOT.left, AXIS_Y, PLOT.right, AXIS_Y), LIGHT.muted, 2)
    draw_line(image, chart.line, PLOT, chart.colour)
    draw_extremes(image, draw, chart.line, Style(chart.colour, LIGHT.surface, PLOT.left, PLOT.right, _WORDS))
    return compressed(image)


if __name__ == "__main__":
    main()
