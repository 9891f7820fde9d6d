"""Draws a preview. The first one loads Pillow: it takes 10 MB, and most workers never need it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from readings.charts.link_preview import PLOT, SIZE, Line, Preview
from readings.charts.palette import LIGHT
from readings.charts.plot import Box, Point
from readings.charts.png_text import fitted, font

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

Region = tuple[int, int, int, int]
Larger = Callable[[Sequence[Point]], list[Point]]  # from the picture's pixels to those of a finer mask

LEFT, RIGHT = 64, SIZE[0] - 64
FINER = 3  # Lines are drawn this many times larger and then scaled down: Pillow draws no smooth edges.
_COLOUR = LIGHT.series[0]
_BLUE, _WHITE, _ORANGE = "#0b5cad", "#fff", "#ffb27a"
# The curve of static/img/icon.svg, in its box of 32: Bézier curves that each begin where the one before ends.
_CURVE = [(5, 20.5), (8.2, 20.5), (8.6, 11.5), (12, 11.5), (15.4, 11.5), (16, 21.5), (19.2, 21.5), (22.4, 21.5)]
_CURVE += [(22.5, 15), (27, 15)]
# One thread draws all pictures: each takes some megabytes, which every thread would keep for its next picture
# (measured: 223 MB with 16 threads that take turns, 78 MB like this).
_drawing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="preview")


@lru_cache(maxsize=16)
def png(preview: Preview) -> bytes:
    """Return the picture as a PNG of 1200 by 630 pixels. The last few are kept."""
    return _drawing.submit(_file, preview).result()


def _file(preview: Preview) -> bytes:
    file = BytesIO()
    _draw(preview).save(file, "PNG")
    return file.getvalue()


def _draw(preview: Preview) -> Image:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", SIZE, LIGHT.ground)
    draw = ImageDraw.Draw(image)
    _mark(image, draw)
    _words(draw, preview)
    _plot(image, draw, preview.line)
    if preview.note:
        draw.text((LEFT, 470), preview.note, LIGHT.muted, font(34))
    # Half the bytes of the full colours, in a third of the time that the best 128 colours take.
    return image.quantize(128, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


def _mark(image: Image, draw: ImageDraw) -> None:
    region, scale = (LEFT, 48, LEFT + 44, 92), 44 / 32
    points = [(LEFT + x * scale, 48 + y * scale) for x, y in _bezier(_CURVE)]
    _paint(image, _BLUE, region, lambda own, to: own.rounded_rectangle(to([region[:2], region[2:]]), 29, fill=255))
    _paint(image, _WHITE, region, lambda own, to: _strokes(own, [to(points)], 3.6))
    _paint(image, _ORANGE, region, lambda own, to: _dot(own, to([(LEFT + 27 * scale, 48 + 15 * scale)])[0], 3.6))
    draw.text((LEFT + 58, 70), "freetemp", LIGHT.text, font(30, 650), anchor="lm")


def _words(draw: ImageDraw, preview: Preview) -> None:
    name, name_font = fitted(preview.name, 60, 680, RIGHT - LEFT)
    draw.text((LEFT, 170), name, LIGHT.text, name_font, anchor="ls")
    place, place_font = fitted(preview.place, 30, 400, RIGHT - LEFT)
    draw.text((LEFT, 214), place, LIGHT.muted, place_font, anchor="ls")
    value, value_font = fitted(preview.value, 140, 560, 600)
    draw.text((LEFT - 6, 352), value, LIGHT.text, value_font, anchor="ls")
    after = LEFT + value_font.getlength(value) + 14
    draw.text((after, 352), preview.symbol, LIGHT.muted, font(60), anchor="ls")
    draw.text((LEFT, 406), preview.moment, LIGHT.muted, font(30), anchor="ls")
    for index, other in enumerate(preview.others):
        text, text_font = fitted(other, 34, 500, 420)
        draw.text((RIGHT, 276 + 50 * index), text, LIGHT.text, text_font, anchor="rs")


def _plot(image: Image, draw: ImageDraw, line: Line) -> None:
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
            _extreme(image, draw, *extreme, away)


def _extreme(image: Image, draw: ImageDraw, at: Point, text: str, away: int) -> None:
    """Draw a dot at the low or the high, with its value above or below."""
    x, y = at
    region = (int(x) - 16, int(y) - 16, int(x) + 16, int(y) + 16)
    _paint(image, LIGHT.ground, region, lambda own, to: _dot(own, to([at])[0], 11))
    _paint(image, _COLOUR, region, lambda own, to: _dot(own, to([at])[0], 8))
    half = font(26, 600).getlength(text) / 2
    draw.text((min(max(x, LEFT + half), RIGHT - half), y + away), text, LIGHT.text, font(26, 600), anchor="ms")


def _paint(image: Image, colour: str, region: Region, shape: Callable[[ImageDraw, Larger], Any]) -> None:
    """Fill a shape with smooth edges in a region: left, top, right, bottom."""
    from PIL import Image, ImageDraw

    left, top, right, bottom = region
    mask = Image.new("L", ((right - left) * FINER, (bottom - top) * FINER))
    shape(ImageDraw.Draw(mask), lambda points: [((x - left) * FINER, (y - top) * FINER) for x, y in points])
    image.paste(colour, (left, top), mask.reduce(FINER))


def _areas(draw: ImageDraw, outlines: Iterable[list[Point]]) -> None:
    for outline in outlines:
        draw.polygon(outline, fill=56)


def _bars(draw: ImageDraw, to: Larger, bars: Iterable[Box]) -> None:
    for bar in bars:
        draw.rectangle(to([(bar.left, bar.top), (bar.right, bar.bottom)]), fill=255)


def _dots(draw: ImageDraw, centres: Iterable[Point]) -> None:
    for centre in centres:
        _dot(draw, centre, 2.5)


def _strokes(draw: ImageDraw, lines: Iterable[list[Point]], width: float) -> None:
    """Draw lines with round joints and ends."""
    for points in lines:
        draw.line(points, fill=255, width=round(width * FINER), joint="curve")
        for end in (points[0], points[-1]):
            _dot(draw, end, width / 2)


def _dot(draw: ImageDraw, centre: Point, radius: float) -> None:
    draw.circle(centre, radius * FINER, fill=255)


def _bezier(points: Sequence[Point]) -> list[Point]:
    """Return points on cubic Bézier curves that follow one another."""
    ends = range(0, len(points) - 1, 3)
    return [_on_curve(points[i : i + 4], step / 12) for i in ends for step in range(13)]


def _on_curve(curve: Sequence[Point], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    x, y = (sum(w * at for w, at in zip(weights, axis, strict=True)) for axis in zip(*curve, strict=True))
    return x, y
