"""Directions as points of the compass."""

from __future__ import annotations

from django.utils.translation import gettext as _

_POINTS = 16
# Each of the 16 points, by the positions of its letters in “N E S W”.
_LETTERS = ("0", "001", "01", "101", "1", "121", "21", "221", "2", "223", "23", "323", "3", "303", "03", "003")
# From point to point of the four, as an axis from 0 to 360 degrees shows them.
AXIS_DEG = (0, 90, 180, 270, 360)


def four_points() -> list[str]:
    """Return the letters of north, east, south and west."""
    # Translators: the letters of north, east, south and west, such as N O S W in German.
    return _("N E S W").split()


def compass_point(degrees: float) -> str:
    """Return the nearest of 16 points, such as “NNE” for 20 degrees; in German, “NNO”."""
    letters = four_points()
    return "".join(letters[int(each)] for each in _LETTERS[round(degrees / 360 * _POINTS) % _POINTS])
