"""The last 24 hours as a small line, or as bars of what came."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from math import fsum
from operator import sub
from typing import NamedTuple

from freetemp.fields import to_millis
from readings.calendar.span import HALF_HOUR_MS
from readings.charts.plot import path_through
from readings.history.last_day import DAY, HalfHours, LastDay, last_days, since_ms
from readings.history.series import GAP_FACTOR, usual_distance
from stations.models import Field, Station
from stations.quantities import Kind

WIDTH, HEIGHT = 240, 48
_DAY_MS = 86_400_000
_MARGIN = 2
_X_A_MS = WIDTH / _DAY_MS
_MIDDLE_MS = HALF_HOUR_MS // 2

_NONE = HalfHours([], [], None, None)


class Bars:
    """What came in the last 24 hours, in a box of 240 by 48, as a bar for each half hour; the right edge is now.

    `total` is the sum in the field's unit, or None without readings. `path` is SVG path data.
    """

    def __init__(self, field: Field, halves: HalfHours, now: datetime) -> None:
        self.field, self.width, self.height = field, WIDTH, HEIGHT
        self.total = fsum(halves.values) if halves.values else None
        most = max(halves.values, default=0.0)
        # A drop of rain is no cloudburst.
        rise = (HEIGHT - _MARGIN) / max(most, 10 ** (1 - field.decimals))
        now_ms = to_millis(now)
        bars = zip(halves.starts, halves.values, strict=True)
        self.path = "".join(_bar(start_ms, now_ms, amount * rise) for start_ms, amount in bars if amount > 0)


def _bar(start_ms: int, now_ms: int, height: float) -> str:
    left, right = _edge(start_ms, now_ms), _edge(start_ms + HALF_HOUR_MS, now_ms)
    return f"M{max(left, 0)} {HEIGHT}V{HEIGHT - max(round(height), 1)}H{min(right, WIDTH) - 1}V{HEIGHT}"


class Past(NamedTuple):
    """What a line has before its newest value: path data, and the last point's place if the line goes on from there."""

    path: str
    end: tuple[int, int] | None


class Sparkline:
    """A field's last 24 hours in a box of 240 by 48; its right edge is now.

    `low` and `high` are its smallest and largest reading in the field's unit, or None if there are none. `path` is SVG
    path data: a line through the means of half hours, broken where they are missing. It goes on to the newest value;
    `end` is a dot there, so that the line and the number beside it agree. `half_ms` is the half hour of that value.
    """

    def __init__(self, field: Field, interval_s: int, halves: HalfHours, now: datetime) -> None:
        self.field, self.width, self.height = field, WIDTH, HEIGHT
        self.low, self.high = halves.low, halves.high
        self._now_ms = to_millis(now)
        newest = self._newest()
        self.half_ms = newest and _half_ms(newest[0])
        self._past = self._drawn_past(halves, GAP_FACTOR * interval_s * 1000)
        self.path, self.end = self._ended(newest)

    def grown(self, field: Field, now: datetime) -> Sparkline | None:
        """Return a line that differs in nothing but the field's newest value, or None if that is of another half hour.

        The caller knows that all points before are where they were.
        """
        line = Sparkline.__new__(Sparkline)
        vars(line).update(vars(self), field=field, _now_ms=to_millis(now))
        newest = line._newest()
        if newest is None or _half_ms(newest[0]) != self.half_ms:
            return None
        line.path, line.end = line._ended(newest)
        return line

    def _newest(self) -> tuple[int, float] | None:
        """Return the newest value if it belongs to the line."""
        at, value = self.field.newest_at, self.field.newest_value
        if self.low is None or at is None or value is None or not self.field.is_plausible(value):
            return None
        at_ms = min(to_millis(at), self._now_ms)  # A board's clock may be ahead of the server's.
        return (at_ms, value) if at_ms > self._now_ms - _DAY_MS else None

    def _drawn_past(self, halves: HalfHours, gap_ms: float) -> Past:
        """Draw those half hours that are over, each at its middle."""
        over = bisect_right(halves.starts, (self._now_ms if self.half_ms is None else self.half_ms) - HALF_HOUR_MS)
        starts = halves.starts[:over]
        moments, means = [start_ms + _MIDDLE_MS for start_ms in starts], halves.values[:over]
        ends = starts if self.half_ms is None else [*starts, self.half_ms]
        stretches = _stretches(ends, max(HALF_HOUR_MS, gap_ms))
        path = "".join(path_through(*self._places(moments[each], means[each])) for each in stretches if moments[each])
        if self.half_ms is None or len(moments[stretches[-1]]) == 0:
            return Past(path, None)
        (x,), (y,) = self._places(moments[-1:], means[-1:])
        is_alone = len(moments[stretches[-1]]) == 1
        return Past(path.removesuffix("0 0") if is_alone else f"{path} ", (x, y))

    def _ended(self, newest: tuple[int, float] | None) -> tuple[str, str]:
        """Return the line up to its newest value, and the dot there."""
        path, last = self._past
        if newest is None:
            return path, ""
        (x,), (y,) = self._places(newest[:1], newest[1:])
        dot = path_through([x], [y])
        return path + (f"{x - last[0]} {y - last[1]}" if last else dot), dot

    def _places(self, moments: Sequence[int], values: Sequence[float]) -> tuple[list[int], list[int]]:
        low, high = self.low or 0.0, self.high or 0.0
        # The high is at the top, the low at the bottom. A flickering last digit is noise, not weather.
        span = max(high - low, 10 ** (1 - self.field.decimals))
        rise, middle = (HEIGHT - 2 * _MARGIN) / span, (high + low) / 2
        xs = [round(WIDTH - (self._now_ms - at_ms) * _X_A_MS) for at_ms in moments]
        return xs, [round(HEIGHT / 2 + (middle - value) * rise) for value in values]


def _half_ms(at_ms: int) -> int:
    return at_ms - at_ms % HALF_HOUR_MS


class Drawn(NamedTuple):
    """A line, with all that it was drawn by but its field: the field's last day, and where the box puts moments.

    `newest_ms` is the field's newest moment, if it may be on the line, and `x` is its place.
    """

    line: Sparkline | Bars
    day: LastDay | None
    grid: tuple[int, ...]
    newest_ms: int
    x: int


def sparklines(stations: Iterable[Station], now: datetime) -> dict[int, Sparkline | Bars]:
    """Return the line of each station's first field, by the station's id. The stations' fields must be prefetched."""
    fields = [field for station in stations if (field := lined(station.fields.all()))]
    return {each.line.field.station_id: each.line for each in drawn(fields, [None] * len(fields), now)}


def lined(fields: Iterable[Field]) -> Field | None:
    """Return the field whose line stands for a station. A direction has no line: the field after it has."""
    return next((field for field in fields if field.kind is not Kind.DIRECTION), None)


def drawn(fields: Sequence[Field], before: Sequence[Drawn | None], now: datetime) -> list[Drawn]:
    """Return the lines of fields: those that were drawn before, unless they would be different now."""
    days = last_days([field for field in fields if field.newest_at and field.newest_at > now - DAY], now)
    now_ms, first_ms = to_millis(now), since_ms(now)
    grid = first_ms, *_grid(first_ms - first_ms % HALF_HOUR_MS, now_ms)
    lines = []
    for field, kept in zip(fields, before, strict=True):
        day = days.get(field.id)
        is_same = kept is not None and kept.line.field is field and kept.day is day and kept.grid == grid
        if kept is None or not is_same or kept.x != _x(kept.newest_ms, now_ms):
            newest_ms = to_millis(field.newest_at) if day and field.newest_at else first_ms
            line = (day and kept and _grown(kept, field, day, grid, now)) or _drawn(field, day, first_ms, now)
            kept = Drawn(line, day, grid, newest_ms, _x(newest_ms, now_ms))
        lines.append(kept)
    return lines


def _drawn(field: Field, day: LastDay | None, first_ms: int, now: datetime) -> Sparkline | Bars:
    halves = day.half_hours(first_ms) if day else _NONE
    return Bars(field, halves, now) if field.kind.is_sum else Sparkline(field, field.station.interval_s, halves, now)


def _grown(before: Drawn, field: Field, day: LastDay, grid: tuple[int, ...], now: datetime) -> Sparkline | None:
    """Return a line with another end than before if nothing else of it has changed, as after most reports."""
    line, first_ms = before.line, grid[0]
    if not isinstance(line, Sparkline) or line.half_ms is None or before.day is None or before.grid != grid:
        return None
    was, half_ms = line.field, line.half_ms
    is_like = (was.id, was.decimals, was.station.interval_s) == (field.id, field.decimals, field.station.interval_s)
    is_same = is_like and before.day.between(first_ms, half_ms) == day.between(first_ms, half_ms)
    return line.grown(field, now) if is_same and day.range(first_ms) == (line.low, line.high) else None


def _grid(half_ms: int, now_ms: int) -> tuple[int, ...]:
    """Return where a half hour and the next one are. That tells where every half hour is: all are as far apart."""
    starts = half_ms, half_ms + HALF_HOUR_MS
    return *(_edge(start_ms, now_ms) for start_ms in starts), *(
        _x(start_ms + _MIDDLE_MS, now_ms) for start_ms in starts
    )


def _x(at_ms: int, now_ms: int) -> int:
    return round(WIDTH - (now_ms - at_ms) * _X_A_MS)


def _edge(at_ms: int, now_ms: int) -> int:
    return WIDTH + round((at_ms - now_ms) * _X_A_MS)


def _stretches(halves_ms: Sequence[int], gap_ms: float) -> list[slice]:
    """Return the stretches between gaps: half hours that are farther apart than usual.

    As in a chart, a distance that is usual around it is not a gap: imported hourly values are a line too.
    """
    distances = list(map(sub, halves_ms[1:], halves_ms))
    starts = [
        index + 1
        for index, distance in enumerate(distances)
        if distance > gap_ms and distance > GAP_FACTOR * usual_distance(distances, index)
    ]
    return [slice(start, end) for start, end in pairwise([0, *starts, len(halves_ms)]) if start < end]
