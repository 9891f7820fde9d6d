"""Shapes of charts in a PNG: lines with their bands, bars and dots, with smooth edges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import Any, NamedTuple

from PIL import Image, ImageDraw

from readings.charts.box import Box, Point
from readings.charts.link_preview_parts import Line
from readings.charts.palette import LIGHT
from readings.charts.png_text import drawable, font

Canvas = ImageDraw.ImageDraw
Region = tuple[int, int, int, int]
Larger = Callable[[Sequence[Point]], list[Point]]  # from the picture's pixels to those of a finer mask


class Style(NamedTuple):
    """The colours of a line and of the ground behind it, and the size of its words, which stay between two edges."""

    colour: str
    ground: str
    left: float
    right: float
    size: int


FINER = 3  # Lines are drawn this many times larger and then scaled down: Pillow draws no smooth edges.


def compressed(image: Image.Image) -> bytes:
    """Return a picture as a PNG."""
    # Half the bytes of the full colours, in a third of the time that the best 128 colours take.
    few = image.quantize(128, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    file = BytesIO()
    few.save(file, "PNG")
    return file.getvalue()


def draw_line(image: Image.Image, line: Line, box: Box, colour: str) -> None:
    """Draw what a field measured, in the box of its plot."""
    region = (0, int(box.top) - 12, image.width, int(box.bottom) + 12)
    paint(image, colour, region, lambda own, to: _areas(own, map(to, line.bands)))
    paint(image, colour, region, lambda own, to: strokes(own, map(to, line.stretches), 5))
    paint(image, colour, region, lambda own, to: _bars(own, to, line.bars))
    paint(image, colour, region, lambda own, to: _dots(own, to(line.dots)))


def draw_extremes(image: Image.Image, draw: Canvas, line: Line, style: Style) -> None:
    """Mark the low and the high of a line, with their values."""
    for extreme, away in ((line.low, style.size + 12), (line.high, -20)):
        if extreme:
            at, text = extreme
            _extreme(image, draw, at, drawable(text), away, style)


def _extreme(image: Image.Image, draw: Canvas, at: Point, text: str, away: int, style: Style) -> None:
    """Draw a dot at the low or the high, with its value above or below."""
    x, y = at
    region = (int(x) - 16, int(y) - 16, int(x) + 16, int(y) + 16)
    paint(image, style.ground, region, lambda own, to: dot(own, to([at])[0], 11))
    paint(image, style.colour, region, lambda own, to: dot(own, to([at])[0], 8))
    face = font(style.size, 600)
    half = face.getlength(text) / 2
    draw.text((min(max(x, style.left + half), style.right - half), y + away), text, LIGHT.text, face, anchor="ms")


def paint(image: Image.Image, colour: str, region: Region, shape: Callable[[Canvas, Larger], Any]) -> None:
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
        dot(draw, centre, 2.5)


def strokes(draw: Canvas, lines: Iterable[list[Point]], width: float) -> None:
    """Draw lines with round joints and ends."""
    for points in lines:
        draw.line(points, fill=255, width=round(width * FINER), joint="curve")
        for end in (points[0], points[-1]):
            dot(draw, end, width / 2)


def dot(draw: Canvas, centre: Point, radius: float) -> None:
    draw.circle(centre, radius * FINER, fill=255)
