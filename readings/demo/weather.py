"""The weather at any moment, from observations an hour apart: a smooth curve through them, with a sensor's flutter."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import sin, tau
from operator import itemgetter

from readings.ingest.reports import Measurement
from stations.models import Field
from stations.quantities import Kind

# How far a value flutters about its curve, by the unit, and the periods of that in minutes. Both are made up.
FLUTTER = {"degC": 0.06, "%": 0.4, "hPa": 0.05, "m/s": 0.5}
PERIODS_MIN = (7.3, 19.7, 41.9)
_moment = itemgetter(0)


class Weather:
    """The values of some fields at any moment between their first and last observations."""

    def __init__(self, fields: Iterable[Field], observations: Iterable[Measurement]) -> None:
        self.fields = {field.number: field for field in fields}
        self._known: dict[int, list[tuple[int, float]]] = {number: [] for number in self.fields}
        for each in sorted(observations, key=lambda each: each.measured_at_ms):
            self._known[each.field].append((each.measured_at_ms, each.value))

    def at(self, number: int, moment_ms: int) -> float:
        """Return a field's value: on the whole hour the observation itself, if there was one."""
        field, known = self.fields[number], self._known[number]
        after = min(max(2, bisect_right(known, moment_ms, key=_moment)), len(known) - 2)
        around = known[after - 2 : after + 2]
        if field.kind is Kind.COUNTER:
            return round(_total(around[1], around[2], moment_ms), field.decimals)
        value = _curve(around, moment_ms)
        if moment_ms != around[1][0]:
            value += FLUTTER.get(field.unit, 0) * _flutter(moment_ms, number)
        if field.smallest is not None and field.largest is not None:
            value = min(max(value, field.smallest), field.largest)
        return round(value, field.decimals)


def _curve(around: Sequence[tuple[int, float]], moment_ms: int) -> float:
    """Return a cubic's value between the second and the third of four points. It never leaves the range between them.

    The slopes are those of Fritsch and Butland (1984): the harmonic mean of both neighbouring ones, or none at a turn.
    """
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(around)]
    (start, low), (end, high) = around[1], around[2]
    width = end - start
    part = (moment_ms - start) / width
    first, last = _between(slopes[0], slopes[1]) * width, _between(slopes[1], slopes[2]) * width
    rest = 1 - part
    return (
        low * rest**2 * (1 + 2 * part)
        + first * part * rest**2
        + high * part**2 * (3 - 2 * part)
        - last * part**2 * rest
    )


def _total(before: tuple[int, float], after: tuple[int, float], moment_ms: int) -> float:
    """Return a total that rises evenly from one observation to the next, unless it begins again there."""
    risen = max(after[1] - before[1], 0.0)
    return before[1] + risen * (moment_ms - before[0]) / (after[0] - before[0])


def _between(before: float, after: float) -> float:
    return 2 * before * after / (before + after) if before * after > 0 else 0.0


def _flutter(moment_ms: int, number: int) -> float:
    """Return a number between -1 and 1 that is always the same for a moment and a field."""
    minutes = moment_ms / 60_000
    return sum(sin(tau * minutes / period + number) for period in PERIODS_MIN) / len(PERIODS_MIN)
