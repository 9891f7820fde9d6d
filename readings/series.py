"""One field's history for a chart: raw readings where they fit, equal buckets where they do not, and gaps as gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from readings.models import Reading
from stations.models import Field

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
# Bucket widths in milliseconds that people can say; each is a multiple of 15 minutes or divides them.
STEPS_MS = [
    *(SECOND, 5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY),
]
# A distance this much longer than those around it is a gap.
GAP_FACTOR = 2.5
_NEIGHBOURS = 5


@dataclass
class Series:
    """Columns of equal length. `time` is in Unix seconds; a gap is a time whose values are None.

    `step_s` is the buckets' width, and `time` their start. For raw readings it is None, and min and max are their
    value.
    """

    step_s: int | None
    time: list[float] = field(default_factory=list)
    mean: list[float | None] = field(default_factory=list)
    min: list[float | None] = field(default_factory=list)
    max: list[float | None] = field(default_factory=list)

    def append(self, at_ms: float, mean: float | None, low: float | None, high: float | None) -> None:
        self.time.append(at_ms / 1000)
        self.mean.append(mean)
        self.min.append(low)
        self.max.append(high)


Row = tuple[int, float, float, float]


def series(of: Field, start: datetime, end: datetime, points: int) -> Series:
    """Return at most `points` plausible readings, or as many buckets, and a None in each gap."""
    readings = Reading.objects.plausible([of]).between(start, end)
    raw = readings.raw_points(limit=points + 1)
    rows: list[Row]
    if len(raw) <= points:
        step_ms = None
        rows = [(at, value, value, value) for at, value in raw]
    else:
        step_ms = bucket_width_ms(start, end, points)
        rows = [(at, s.mean, s.min, s.max) for at, s in readings.buckets(step_ms).items()]
    return _with_gaps(rows, step_ms, of.station.interval_s * 1000)


def bucket_width_ms(start: datetime, end: datetime, points: int) -> int:
    """Return the narrowest width of STEPS_MS, or multiple of the widest, that makes at most `points` buckets.

    One bucket less than `points` fits whole: the first and the last are cut by the range.
    """
    needed = (end - start) / timedelta(milliseconds=1) / max(1, points - 1)
    fitting = [step for step in STEPS_MS if step >= needed]
    return fitting[0] if fitting else int(-(-needed // STEPS_MS[-1])) * STEPS_MS[-1]


def _with_gaps(rows: Sequence[Row], step_ms: int | None, interval_ms: int) -> Series:
    result = Series(step_s=step_ms // 1000 if step_ms else None)
    usual = usual_distances([row[0] for row in rows])
    for index, row in enumerate(rows):
        if index and row[0] - rows[index - 1][0] > GAP_FACTOR * max(usual[index - 1], interval_ms, step_ms or 0):
            result.append((row[0] + rows[index - 1][0]) / 2, None, None, None)
        result.append(*row)
    return result


def usual_distances(times: Sequence[int]) -> list[float]:
    """Return, for each distance between neighbours, the median of it and up to five on either side.

    What is usual is local: a station that was imported by the hour reports by the minute from some day on.
    """
    distances = [after - before for before, after in pairwise(times)]
    return [median(distances[max(0, i - _NEIGHBOURS) : i + _NEIGHBOURS + 1]) for i in range(len(distances))]
