"""Draws previews, in a process of its own without Django: `drawing_process.py` starts it and talks to it.

It gets each preview in MessagePack on its standard input, after the number of its bytes, and writes each PNG likewise.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import Any

import msgspec
from PIL import Image, ImageDraw

from readings.charts.box import Box, Point
from readings.charts.drawing_pipe import read, write
from readings.charts.link_preview_parts import PLOT, SIZE, Line, Preview
from readings.charts.palette import LIGHT
from readings.charts.png_text import drawable, fitted, font

Canvas = ImageDraw.ImageDraw
Region = tuple[int, int, int, int]
Larger = Callable[[Sequence[Point]], list[Point]]  # from the picture's pixels to those of a finer mask

LEFT, RIGHT = 64, SIZE[0] - 64
FINER = 3  # Lines are drawn this many times larger and then scaled down: Pillow draws no smooth edges.
_COLOUR = LIGHT.series[0]
_BLUE, _WHITE, _ORANGE = "#0b5cad", "#fff", "#ffb27a"
# The curve of static/img/icon.svg, in its box of 32: Bézier curves that each begin where the one before ends.
_CURVE = [(5, 20.5), (8.2, 20.5), (8.6, 11.5), (12, 11.5), (15.4, 11.5), (16, 21.5), (19.2, 21.5), (22.4, 21.5)]
_CURVE += [(22.5, 15), (27, 15)]
IDLE_S = 60  # Then the process ends, and its 30 MB are free.


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the server, and this process with it.
    while True:
        if hasattr(signal, "alarm"):  # Without it the process ends when its server does.
            signal.alarm(IDLE_S)
        asked = read(sys.stdin.buffer)
        if asked is None:
            return
        write(sys.stdout.buffer, png(msgspec.msgpack.decode(asked, type=Preview)))


def png(preview: Preview) -> bytes:
    """Return the picture as a PNG of 1200 by 630 pixels."""
    file = BytesIO()
    _draw(preview).save(file, "PNG")
    return file.getvalue()


def _draw(preview: Preview) -> Image.Image:
    image = Image.new("RGB", SIZE, LIGHT.ground)
    draw = ImageDraw.Draw(image)
    _mark(image, draw)
    _words(draw, preview)
    _plot(image, draw, preview.line)
    if preview.note:
        draw.text((LEFT, 470), preview.note, LIGHT.muted, font(34))
    # Half the bytes of the full colours, in a third of the time that the best 128 colours take.
    return image.quantize(128, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


def _mark(image: Image.Image, draw: Canvas) -> None:
    region, scale = (LEFT, 48, LEFT + 44, 92), 44 / 32
    points = [(LEFT + x * scale, 48 + y * scale) for x, y in _bezier(_CURVE)]
    _paint(image, _BLUE, region, lambda own, to: own.rounded_rectangle(to([region[:2], region[2:]]), 29, fill=255))
    _paint(image, _WHITE, region, lambda own, to: _strokes(own, [to(points)], 3.6))
    _paint(image, _ORANGE, region, lambda own, to: _dot(own, to([(LEFT + 27 * scale, 48 + 15 * scale)])[0], 3.6))
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
    region = (0, int(PLOT.top) - 12, SIZE[0], int(PLOT.bottom) + 12)
    _paint(image, _COLOUR, region, lambda own, to: _areas(own, map(to, line.bands)))
    _paint(image, _COLOUR, region, lambda own, to: _strokes(own, map(to, line.stretches), 5))
    _paint(image, _COLOUR, region, lambda own, to: _bars(own, to, line.bars))
    _paint(image, _COLOUR, region, lambda own, to: _dots(own, to(line.dots)))
    for extreme, away in ((line.low, 38), (line.high, -20)):
        if extreme:
            at, text = extreme
            _extreme(image, draw, at, drawable(text), away)


def _extreme(image: Image.Image, draw: Canvas, at: Point, text: str, away: int) -> None:
    """Draw a dot at the low or the high, with its value above or below."""
    x, y = at
    region = (int(x) - 16, int(y) - 16, int(x) + 16, int(y) + 16)
    _paint(image, LIGHT.ground, region, lambda own, to: _dot(own, to([at])[0], 11))
    _paint(image, _COLOUR, region, lambda own, to: _dot(own, to([at])[0], 8))
    half = font(26, 600).getlength(text) / 2
    draw.text((min(max(x, LEFT + half), RIGHT - half), y + away), text, LIGHT.text, font(26, 600), anchor="ms")


def _paint(image: Image.Image, colour: str, region: Region, shape: Callable[[Canvas, Larger], Any]) -> None:
    """Fill a shape with smooth edges in a region: left, top, right, bottom."""
    left, top, right, bottom = region
    mask = Image.new("L", ((right - left) * FINER, (bottom - top) * FINER))
    shape(ImageDraw.Draw(mask), lambda points: [((x - left) * FINER, (y - top) * FINER) for x, y in points])
    image.paste(colour, (left, top), mask.reduce(FINER))


def _areas(draw: Canvas, outlines: Iterable[list[Point]]) -> None:
    for outline in outlines:
        draw.polygon(outline, fill=56)


def _bars(draw: Canvas, to: Larger, bars: Iterable[Box]) -> None:
    for bar in bars:
        draw.rectangle(to([(bar.left, bar.top), (bar.right, bar.bottom)]), fill=255)


def _dots(draw: Canvas, centres: Iterable[Point]) -> None:
    for centre in centres:
        _dot(draw, centre, 2.5)


def _strokes(draw: Canvas, lines: Iterable[list[Point]], width: float) -> None:
    """Draw lines with round joints and ends."""
    for points in lines:
        draw.line(points, fill=255, width=round(width * FINER), joint="curve")
        for end in (points[0], points[-1]):
            _dot(draw, end, width / 2)


def _dot(draw: Canvas, centre: Point, radius: float) -> None:
    draw.circle(centre, radius * FINER, fill=255)


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
