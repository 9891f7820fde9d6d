"""The colours of pictures. They are those of static/css/base.css, which a picture cannot read."""

from typing import NamedTuple


class Palette(NamedTuple):
    """The colours of one scheme. `series` has those of a station's fields, in the fields' order."""

    ground: str
    surface: str
    text: str
    muted: str
    line: str
    accent: str
    series: tuple[str, ...]


LIGHT = Palette(
    *("#f5f6f8", "#fff", "#19212b", "#57616e", "#dfe3e8", "#0b5cad"),
    series=("#c2410c", "#0b6e8a", "#6d3fc0", "#25752f", "#a3316f", "#4b5a00"),
)
DARK = Palette(
    *("#0f141a", "#171e26", "#e8edf2", "#9ba7b4", "#28313c", "#7ab8f5"),
    series=("#ff9560", "#58c7e0", "#b59cf5", "#7fce86", "#f08fc0", "#c9d45c"),
)
PALETTES = {"light": LIGHT, "dark": DARK}
