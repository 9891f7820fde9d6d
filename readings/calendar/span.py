"""A stretch of time, and the widths of time that rollups and charts use."""

from __future__ import annotations

from typing import NamedTuple

QUARTER_MS = 900_000  # 15 minutes: every zone's offset is a multiple of it, except one island's until 1979.
HALF_HOUR_MS = 1_800_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000  # 24 hours. A local day has 23 or 25 when clocks are set: see readings.calendar.days.


class Span(NamedTuple):
    """From `start_ms` until just before `end_ms`, in Unix milliseconds."""

    start_ms: int
    end_ms: int

    def later(self, by_ms: int) -> Span:
        return Span(self.start_ms + by_ms, self.end_ms + by_ms)

    def overlaps(self, other: Span) -> bool:
        """Tell whether the two have a part in common."""
        return self.start_ms < other.end_ms and other.start_ms < self.end_ms

    def whole_quarters(self) -> Span:
        """Return the span of all quarters of an hour that this span has a part of."""
        return Span(quarter_start_ms(self.start_ms), -quarter_start_ms(-self.end_ms))


EVER = Span(0, 2**53)


def quarter_start_ms(moment_ms: int) -> int:
    """Return the start of the quarter of an hour that holds a moment, both in Unix milliseconds."""
    return moment_ms - moment_ms % QUARTER_MS
