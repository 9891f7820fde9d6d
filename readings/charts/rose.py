"""A wind rose: how often the wind came from each of 16 sectors, and how fast."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import cos, radians, sin

from django.utils.translation import gettext as _

from freetemp.formatting import NARROW_SPACE, decimal
from readings.calendar.periods import Period
from readings.charts.box import Point
from readings.charts.ticks import value_ticks
from readings.display.compass import compass_point, four_points
from readings.display.values import with_unit
from readings.history.wind_rose import CALM_MS, SECTORS, SPEEDS_MS, WIDTH_DEG, Rose, rose
from readings.models.direction import speed_beside
from stations.models import Field
from stations.quantities import Kind
from stations.units import Unit, Units, displayed

SIZE = 320  # of the drawing's square, in pixels
CENTRE, RADIUS, HOLE, LETTERS = SIZE / 2, 132.0, 12.0, 146.0
_BETWEEN = 0.16  # of a sector's width is left free
_MOST_RINGS = 4


@dataclass(frozen=True)
class RoseDrawing:
    """A wind rose in a square, with its classes of speed in the viewer's unit."""

    field: Field
    rose: Rose
    unit: Unit

    @cached_property
    def shares(self) -> list[list[float]]:
        """Return the percent of all quarters of an hour: a row for each sector, with a value for each class."""
        return [[100 * count / self.rose.total for count in sector] for sector in zip(*self.rose.counts, strict=True)]

    @cached_property
    def _outermost(self) -> float:
        return max(max(map(sum, self.shares)), 1.0)

    @cached_property
    def petals(self) -> list[tuple[int, str]]:
        """Return the class of each stretch of a petal with its path, from the centre outwards."""
        found = []
        for number, sector in enumerate(self.shares):
            inner = 0.0
            for speed, share in enumerate(sector):
                if share:
                    found.append((speed, self._stretch(number, inner, inner + share)))
                inner += share
        return found

    @property
    def rings(self) -> list[tuple[str, str, str, str]]:
        """Return the radius of each ring, with its label and the label's place."""
        values, decimals = value_ticks(0, self._outermost, _MOST_RINGS)
        # The labels are between the two neighbours from which the wind came least.
        beside = [sum(self.shares[n]) + sum(self.shares[(n + 1) % SECTORS]) for n in range(SECTORS)]
        between = (beside.index(min(beside)) + 0.5) * WIDTH_DEG
        return [self._ring(value, decimals, between) for value in values if value > 0]

    def _ring(self, share: float, decimals: int, between_deg: float) -> tuple[str, str, str, str]:
        radius = self._radius(share)
        x, y = _at(radius, between_deg)
        return f"{radius:.1f}", _percent(share, decimals), f"{x:.1f}", f"{y:.1f}"

    @property
    def letters(self) -> list[tuple[str, str, str]]:
        places = [_at(LETTERS, 90 * index) for index in range(4)]
        return [(letter, f"{x:.1f}", f"{y:.1f}") for letter, (x, y) in zip(four_points(), places, strict=True)]

    @property
    def classes(self) -> list[str]:
        """Return the speeds of each class in words; a station without a wind speed has a single one without words."""
        if len(self.rose.counts) == 1:
            return []
        limits = [self._speed(each) for each in (CALM_MS, *SPEEDS_MS)]
        symbol = self.unit.symbol
        words = [_("%(low)s to %(high)s") % {"low": a, "high": with_unit(b, symbol)} for a, b in pairwise(limits)]
        return [*words, _("%(low)s and more") % {"low": with_unit(limits[-1], symbol)}]

    @property
    def calm(self) -> str:
        return _percent(100 * self.rose.calm / self.rose.total, 1)

    @property
    def description(self) -> str:
        """Return the sector from which the wind came most often, in a sentence."""
        number = max(range(SECTORS), key=lambda each: sum(self.shares[each]))
        words = {"point": compass_point(number * WIDTH_DEG), "percent": _percent(sum(self.shares[number]), 1)}
        return _("Most often from %(point)s: %(percent)s of the time.") % words

    @property
    def rows(self) -> list[tuple[str, list[str], str]]:
        """Return each sector's point of the compass, its share in each class, and its share."""
        return [
            (compass_point(n * WIDTH_DEG), [_percent(each, 1) for each in sector], _percent(sum(sector), 1))
            for n, sector in enumerate(self.shares)
        ]

    def _speed(self, speed_ms: float) -> str:
        return decimal(self.unit.convert(speed_ms), 1 if self.unit.name == "m/s" else 0)

    def _radius(self, share: float) -> float:
        return HOLE + share / self._outermost * (RADIUS - HOLE)

    def _stretch(self, sector: int, inner: float, outer: float) -> str:
        half = WIDTH_DEG * (1 - _BETWEEN) / 2
        first, last = sector * WIDTH_DEG - half, sector * WIDTH_DEG + half
        near, far = self._radius(inner), self._radius(outer)
        corners = [_at(near, first), _at(far, first), _at(far, last), _at(near, last)]
        a, b, c, d = (f"{x:.1f} {y:.1f}" for x, y in corners)
        return f"M{a}L{b}A{far:.1f} {far:.1f} 0 0 1 {c}L{d}A{near:.1f} {near:.1f} 0 0 0 {a}Z"


def roses(fields: Iterable[Field], period: Period, units: Units) -> list[RoseDrawing]:
    """Return the wind rose of each direction of a station that has any in a period."""
    fields = list(fields)
    speed = speed_beside(fields)
    vanes = [field for field in fields if field.kind is Kind.DIRECTION]
    found = [RoseDrawing(vane, rose(vane, speed, period.start, period.end), displayed("m/s", units)) for vane in vanes]
    return [each for each in found if each.rose.total]


def _at(radius: float, degrees: float) -> Point:
    """Return the place at a distance from the centre, towards a direction: north is at the top."""
    return CENTRE + radius * sin(radians(degrees)), CENTRE - radius * cos(radians(degrees))


def _percent(share: float, decimals: int) -> str:
    return f"{decimal(share, decimals)}{NARROW_SPACE}%"
