"""What a counter added between two readings: a rain gauge's total rises, begins again, or belongs to another gauge.

freetemp decides it by the two values, the time between them, and the value at which the counter rolls over:

- it rose: by the difference;
- it fell, and rolling over explains it: by what is missing to that value, and the new one;
- it fell: it began again at 0 and counts since, by the new value;
- but never by more rain than can fall in that time. Then another gauge hangs there, or the value is a fault: nothing is
  known, and nothing is added.

Where the ledger of sensors says that another gauge hung from a moment on, its first reading adds nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import inf
from typing import NamedTuple

from readings.calendar.span import HOUR_MS

# The envelope of the greatest rainfalls ever measured, P = 491 D ** 0.452 in mm and hours: WMO-No. 1045, Manual on
# Estimation of Probable Maximum Precipitation (2009), chapter 5.
_MM, _EXPONENT = 491, 0.452
_SHORTEST_H = 1 / 60  # Rainfalls are measured by the minute.
_RAIN_MM = {"mm": 1.0, "in": 25.4}
# A board's decimals, converted to another unit and back, may differ in their last digits.
_ROUNDING = 1e-6


class Counter(NamedTuple):
    """A counter's unit, and the value at which it rolls over to 0, if it does."""

    unit: str
    rolls_over_at: float | None = None

    def increment(self, before: tuple[int, float], after: tuple[int, float]) -> float:
        """Return what was added between two readings, each as (Unix milliseconds, value), in the counter's unit."""
        most = self._most(after[0] - before[0])
        risen = after[1] - before[1]
        if abs(risen) <= _ROUNDING * abs(before[1]):
            return max(risen, 0.0)
        over = risen + (self.rolls_over_at or inf)
        candidates = [risen] if risen > 0 else [over, after[1]]
        return next((each for each in candidates if each <= most), 0.0)

    def increments(
        self, readings: Iterable[tuple[int, float]], replaced_ms: Sequence[int] = ()
    ) -> Iterator[tuple[int, float]]:
        """Yield the moment of each reading but the first, and what was added since the one before.

        `replaced_ms` are the moments, in order, from which another gauge hung: the first reading of each adds nothing.
        """
        for before, after in pairwise(readings):
            is_another = bisect_right(replaced_ms, before[0]) < bisect_right(replaced_ms, after[0])
            yield after[0], 0.0 if is_another else self.increment(before, after)

    def _most(self, length_ms: int) -> float:
        """Return the most that can be added in some time. Only rain has a limit."""
        if self.unit not in _RAIN_MM:
            return inf
        hours = max(length_ms / HOUR_MS, _SHORTEST_H)
        return float(_MM * hours**_EXPONENT / _RAIN_MM[self.unit])
