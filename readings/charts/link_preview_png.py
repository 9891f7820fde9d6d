"""Draws previews, in a process of its own without Django: `drawing_process.py` starts it and talks to it.

It gets each preview in MessagePack on its standard input, after the number of its bytes, and writes each PNG likewise.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PIL import Image, ImageDraw

from readings.charts.box import Point
from readings.charts.drawing_pipe import answer_each
from readings.charts.link_preview_parts import PLOT, SIZE, Line, Preview
from readings.charts.palette import LIGHT
from readings.charts.png_shapes import Canvas, Style, compressed, dot, draw_extremes, draw_line, paint, strokes
from readings.charts.png_text import drawable, fitted, font

LEFT, RIGHT = 64, SIZE[0] - 64
_COLOUR = LIGHT.series[0]
_BLUE, _WHITE, _ORANGE = "#0b5cad", "#fff", "#ffb27a"
# The curve of static/img/icon.svg, in its box of 32: Bézier curves that each begin where the one before ends.
_CURVE = [(5, 20.5), (8.2, 20.5), (8.6, 11.5), (12, 11.5), (15.4, 11.5), (16, 21.5), (19.2, 21.5), (22.4, 21.5)]
_CURVE += [(22.5, 15), (27, 15)]


def main() -> None:
    answer_each(lambda asked: png(msgspec.msgpack.decode(asked, type=Preview)))


def png(preview: Preview) -> bytes:
    """Return the picture as a PNG of 1200 by 630 pixels."""
    image = Image.new("RGB", SIZE, LIGHT.ground)
    draw = ImageDraw.Draw(image)
    _mark(image, draw)
    _words(draw, preview)
    _plot(image, draw, preview.line)
    if preview.note:
        draw.text((LEFT, 470), preview.note, LIGHT.muted, font(34))
    return compressed(image)


def _mark(image: Image.Image, draw: Canvas) -> None:
    region, scale = (LEFT, 48, LEFT + 44, 92), 44 / 32
    points = [(LEFT + x * scale, 48 + y * scale) for x, y in _bezier(_CURVE)]
    paint(image, _BLUE, region, lambda own, to: own.rounded_rectangle(to([region[:2], region[2:]]), 29, fill=255))
    paint(image, _WHITE, region, lambda own, to: strokes(own, [to(points)], 3.6))
    paint(image, _ORANGE, region, lambda own, to: dot(own, to([(LEFT + 27 * scale, 48 + 15 * scale)])[0], 3.6))
    draw.text((LEFT + 58, 70), "freetemp", LIGHT.text, font(30, 650), anchor="lm")


def _words(draw: Canvas, preview: Preview) -> None:
    name, name_font = fitted(drawable(preview.name) or preview.other_name, 60, 680, RIGHT - LEFT)
    draw.text((LEFT, 170), name, LIGHT.text, name_font, anchor="ls")
    place, place_font = fitted(drawable(preview.place), 30, 400, RIGHT - LEFT)
    draw.text((LEFT, 214), place, LIGHT.muted, place_font, anchor="ls")
    value, value_font = fitted(drawable(preview.value), 140, 560, 600)
    draw.text((LEFT - 6, 352), value, LIGHT.text, value_font, anchor="ls")
    after = LEFT + value_font.getlength(value) + 14
    draw.text((after, 352), drawable(preview.symbol), LIGHT.muted, font(60), anchor="ls")
    draw.text((LEFT, 406), preview.moment, LIGHT.muted, font(30), anchor="ls")
    for index, other in enumerate(preview.others):
        text, text_font = fitted(drawable(other), 34, 500, 420)
        draw.text((RIGHT, 276 + 50 * index), text, LIGHT.text, text_font, anchor="rs")


def _plot(image: Image.Image, draw: Canvas, line: Line) -> None:
    if line.is_empty:
        return
    draw.line((PLOT.left, 576, PLOT.right, 576), LIGHT.line, 2)
    for x, label in line.ticks:
        draw.text((min(max(x, LEFT + 28), RIGHT - 28), 606), label, LIGHT.muted, font(22), anchor="ms")
    draw_line(image, line, PLOT, _COLOUR)
    draw_extremes(image, draw, line, Style(_COLOUR, LIGHT.ground, LEFT, RIGHT, 26))


def _bezier(points: Sequence[Point]) -> list[Point]:
    """Return points on cubic Bézier curves that follow one another."""
    ends = range(0, len(points) - 1, 3)
    return [_on_curve(points[i : i + 4], step / 12) for i in ends for step in range(13)]


def _on_curve(curve: Sequence[Point], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    x, y = (sum(w * at for w, at in zip(weights, axis, strict=True)) for axis in zip(*curve, strict=True))
    return x, y


if __name__ == "__main__":
    main()
