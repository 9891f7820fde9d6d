"""The last 24 hours as a small line, or as bars of what came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import fsum

from freetemp.fields import to_millis
from readings.calendar.span import HALF_HOUR_MS
from readings.charts.plot import path_of
from readings.history.series import GAP_FACTOR, usual_distance
from readings.models import Quarter
from readings.models.summary import Row
from stations.models import Field, Station
from stations.quantities import Kind

WIDTH, HEIGHT = 240, 48
DAY = timedelta(days=1)
_DAY_MS = 86_400_000
_MARGIN = 2
_X_A_MS = WIDTH / _DAY_MS

Point = tuple[int, float]  # Unix milliseconds, value


class Bars:
    """What came in the last 24 hours, in a box of 240 by 48, as a bar for each half hour; the right edge is now.

    `total` is the sum in the field's unit, or None without readings. `path` is SVG path data.
    """

    def __init__(self, field: Field, halves: Sequence[Row], now: datetime) -> None:
        self.field, self.width, self.height = field, WIDTH, HEIGHT
        self.total = fsum(amount for _, amount, _, _ in halves) if halves else None
        most = max((amount for _, amount, _, _ in halves), default=0.0)
        # A drop of rain is no cloudburst.
        rise = (HEIGHT - _MARGIN) / max(most, 10 ** (1 - field.decimals))
        now_ms = to_millis(now)
        self.path = "".join(_bar(start_ms - now_ms, amount * rise) for start_ms, amount, _, _ in halves if amount > 0)


def _bar(from_now_ms: int, height: float) -> str:
    left, right = (WIDTH + round((from_now_ms + part) * _X_A_MS) for part in (0, HALF_HOUR_MS))
    return f"M{max(left, 0)} {HEIGHT}V{HEIGHT - max(round(height), 1)}H{min(right, WIDTH) - 1}V{HEIGHT}"


class Sparkline:
    """A field's last 24 hours in a box of 240 by 48; its right edge is now.

    `low` and `high` are its smallest and largest reading in the field's unit, or None if there are none. `path` is SVG
    path data: a line through the means of half hours, broken where they are missing. It goes on to the newest value;
    `end` is a dot there, so that the line and the number beside it agree.
    """

    def __init__(self, field: Field, interval_s: int, halves: Sequence[Row], now: datetime) -> None:
        self.field, self.width, self.height = field, WIDTH, HEIGHT
        self.low = min((low for _, _, low, _ in halves), default=None)
        self.high = max((high for *_, high in halves), default=None)
        self._now_ms = to_millis(now)
        newest = self._newest()
        points = [*_means(halves, newest[0] if newest else self._now_ms), *([newest] if newest else [])]
        gap_ms = max(HALF_HOUR_MS, GAP_FACTOR * interval_s * 1000)
        self.path = "".join(self._drawn(stretch) for stretch in _stretches(points, gap_ms))
        self.end = self._drawn([newest]) if newest else ""

    def _newest(self) -> Point | None:
        """Return the newest value if it belongs to the line."""
        at, value = self.field.newest_at, self.field.newest_value
        if self.low is None or at is None or value is None or not self.field.is_plausible(value):
            return None
        at_ms = min(to_millis(at), self._now_ms)  # A board's clock may be ahead of the server's.
        return (at_ms, value) if at_ms > self._now_ms - _DAY_MS else None

    def _drawn(self, stretch: Sequence[Point]) -> str:
        low, high = self.low or 0.0, self.high or 0.0
        # The high is at the top, the low at the bottom. A flickering last digit is noise, not weather.
        span = max(high - low, 10 ** (1 - self.field.decimals))
        rise, middle = (HEIGHT - 2 * _MARGIN) / span, (high + low) / 2
        return path_of(
            [
                (round(WIDTH - (self._now_ms - at_ms) * _X_A_MS), round(HEIGHT / 2 + (middle - value) * rise))
                for at_ms, value in stretch
            ]
        )


def sparklines(stations: Iterable[Station], now: datetime) -> dict[int, Sparkline | Bars]:
    """Return the line of each station's first field, by the station's id. The stations' fields must be prefetched.

    A direction has no line: that of the field after it is shown.
    """
    lined = [(station, field) for station in stations if (field := _lined(station))]
    heard = [field for _, field in lined if field.newest_at and field.newest_at > now - DAY]
    sums = [field for field in heard if field.kind.is_sum]
    halves = Quarter.objects.half_hours([field for field in heard if not field.kind.is_sum], now - DAY)
    halves |= Quarter.objects.half_hours(sums, now - DAY, has_sums=True) if sums else {}
    return {station.pk: _drawn(field, station, halves.get(station.pk, []), now) for station, field in lined}


def _lined(station: Station) -> Field | None:
    return next((field for field in station.fields.all() if field.kind is not Kind.DIRECTION), None)


def _drawn(field: Field, station: Station, halves: Sequence[Row], now: datetime) -> Sparkline | Bars:
    return Bars(field, halves, now) if field.kind.is_sum else Sparkline(field, station.interval_s, halves, now)


def _means(halves: Sequence[Row], before_ms: int) -> list[Point]:
    """Return the means of the half hours that are over, each at its middle."""
    middle = HALF_HOUR_MS // 2
    return [(start_ms + middle, mean) for start_ms, mean, _, _ in halves if start_ms + HALF_HOUR_MS <= before_ms]


def _stretches(points: Sequence[Point], gap_ms: float) -> list[list[Point]]:
    """Split the points into stretches wherever the distance between two half hours is a gap.

    As in a chart, a distance that is usual around it is not a gap: imported hourly values are a line too.
    """
    halves_ms = [at_ms - at_ms % HALF_HOUR_MS for at_ms, _ in points]
    distances = [after - before for before, after in pairwise(halves_ms)]
    starts = [
        index + 1
        for index, distance in enumerate(distances)
        if distance > gap_ms and distance > GAP_FACTOR * usual_distance(distances, index)
    ]
    return [list(points[start:end]) for start, end in pairwise([0, *starts, len(points)]) if start < end]
