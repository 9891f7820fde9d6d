"""Text in a PNG, in Inter: a server's fonts are a matter of chance, and Pillow's own font has only ASCII letters."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

import fontpkg_inter
from PIL.ImageFont import FreeTypeFont, Layout, truetype

_PRIVATE = "\ue123"  # A character that the font lacks is drawn like this.


@lru_cache(maxsize=16)
def font(size: int, weight: int = 400) -> FreeTypeFont:
    """Return Inter in a size in pixels."""
    # BASIC gives the same result with every build of Pillow: some have no Raqm.
    path = Path(fontpkg_inter.ROOT, "files", "Inter[opsz,wght].ttf")
    face = truetype(path, size, layout_engine=Layout.BASIC)
    face.set_variation_by_axes([min(max(size, 14), 32), weight])
    return face


def drawable(text: str) -> str:
    """Return a text's characters that the font can draw: Latin, Greek and Cyrillic letters, no emoji or controls."""
    return " ".join("".join(letter for letter in text if _is_drawable(letter)).split())


@lru_cache(maxsize=2048)
def _is_drawable(letter: str) -> bool:
    if letter.isspace():
        return True
    face = font(16)
    return unicodedata.category(letter)[0] != "C" and bytes(face.getmask(letter)) != bytes(face.getmask(_PRIVATE))


def fitted(text: str, size: int, weight: int, width: float) -> tuple[str, FreeTypeFont]:
    """Return as much of a text as fits into so many pixels, in this size or in one down to two thirds of it."""
    for smaller in range(size, size * 2 // 3, -2):
        if font(smaller, weight).getlength(text) <= width:
            return text, font(smaller, weight)
    face = font(size * 2 // 3, weight)
    while text and face.getlength(f"{text}…") > width:
        text = text[:-1].rstrip()
    return f"{text}…", face
