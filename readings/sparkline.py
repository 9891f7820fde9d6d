"""The last day as a small line."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from freetemp.fields import to_millis

WIDTH, HEIGHT = 120, 32
_MARGIN = 2


class Sparkline:
    """Hourly means as SVG polylines in a box of 120 by 32, one for each stretch without a missing hour."""

    def __init__(self, means: Sequence[tuple[int, float]], now: datetime) -> None:
        self.width, self.height = WIDTH, HEIGHT
        self.low = min((mean for _, mean in means), default=None)
        self.high = max((mean for _, mean in means), default=None)
        self._start_ms, self._hour_ms = to_millis(now - timedelta(hours=25)), 3_600_000
        self.polylines = [" ".join(self._points(stretch)) for stretch in self._stretches(means)]

    def _stretches(self, means: Sequence[tuple[int, float]]) -> list[list[tuple[int, float]]]:
        stretches: list[list[tuple[int, float]]] = []
        for hour, mean in means:
            if not stretches or hour - stretches[-1][-1][0] > self._hour_ms:
                stretches.append([])
            stretches[-1].append((hour, mean))
        return stretches

    def _points(self, stretch: list[tuple[int, float]]) -> list[str]:
        points = [self._point(*each) for each in stretch]
        return points if len(points) > 1 else points * 2  # A line of one point is drawn as nothing.

    def _point(self, hour_ms: int, mean: float) -> str:
        low, high = self.low or 0.0, self.high or 0.0
        x = (hour_ms - self._start_ms) / (25 * self._hour_ms) * WIDTH
        y = HEIGHT / 2 if high == low else _MARGIN + (high - mean) / (high - low) * (HEIGHT - 2 * _MARGIN)
        return f"{x:.1f},{y:.1f}"
