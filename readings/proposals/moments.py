"""Single odd readings: values at power-on, spikes, and values outside of what weather has.

Points are (moment in Unix milliseconds, value), in order. Each function returns the odd moments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import inf
from statistics import median

Point = tuple[int, float]

MINUTE_MS = 60_000
FAR_C = 15.0  # from a power-on value, in degC: a stove that passes 85 has readings nearer than that
WIDEST_MS = 10 * MINUTE_MS  # A spike of several readings is over by then. A single one may be of any length.
LONGEST_STEP_MS = 180 * MINUTE_MS  # Over a longer time, weather may have done anything.
FLUTTERS = 8.0  # A spike is so many times larger than what the sensor flutters by anyway.
RETURNED = 0.5  # After a spike, at least this part of the step is taken back.


def power_on(points: Sequence[Point], value: float, far: float) -> list[int]:
    """Return the moments of readings that are exactly `value`, if the readings around them are all far away."""
    found: list[int] = []
    runs = [(same, list(each)) for same, each in groupby(points, key=lambda point: point[1] == value)]
    for index, (same, run) in enumerate(runs):
        if not same:
            continue
        around = [run_of[place][1] for run_of, place in _beside(runs, index)]
        if around and all(abs(each - value) > far for each in around):
            found += [moment_ms for moment_ms, _ in run]
    return found


def _beside(runs: Sequence[tuple[bool, list[Point]]], index: int) -> Iterator[tuple[list[Point], int]]:
    if index > 0:
        yield runs[index - 1][1], -1
    if index + 1 < len(runs):
        yield runs[index + 1][1], 0


def outside(points: Sequence[Point], low: float, high: float) -> list[int]:
    """Return the moments of values beyond the limits."""
    return [moment_ms for moment_ms, value in points if not low <= value <= high]


def spikes(points: Sequence[Point], step: float) -> list[int]:
    """Return the moments of spikes: a step that no weather makes, and back.

    `step` is the largest within a minute. Over a longer time it may be larger, by the cubic root of the minutes: four
    times in an hour. What comes back is rarer than a step, so a walk at random, which has the square root, allows more.
    """
    least = FLUTTERS * flutter(points)
    found: list[int] = []
    index = 1
    while index < len(points) - 1:
        after = _end(points, index, step, least)
        found += [moment_ms for moment_ms, _ in points[index:after]]
        index = max(index + 1, after + 1 if after > index else 0)
    return found


def _end(points: Sequence[Point], index: int, step: float, least: float) -> int:
    """Return the index after the spike that begins at an index, or the index itself if none does."""
    up = _jump(points, index, step, least)
    if not up:
        return index
    (start_ms, _), (_, before) = points[index], points[index - 1]
    for after in range(index + 1, len(points)):
        if points[after - 1][0] - start_ms > WIDEST_MS:
            break
        down = _jump(points, after, step, least)
        if up * down < 0 and abs(points[after][1] - before) <= RETURNED * min(abs(up), abs(down)):
            return after
    return index


def _jump(points: Sequence[Point], index: int, step: float, least: float) -> float:
    """Return the step up to a point, or 0 if weather may have made it."""
    (before_ms, before), (moment_ms, value) = points[index - 1], points[index]
    jump, length_ms = value - before, moment_ms - before_ms
    if abs(jump) <= max(step, least) or length_ms > LONGEST_STEP_MS:
        return 0.0
    return jump if abs(jump) > step * max(length_ms / MINUTE_MS, 1.0) ** (1 / 3) else 0.0


def flutter(points: Sequence[Point]) -> float:
    """Return by how much a value usually differs from the mean of those before and after it."""
    values = [value for _, value in points]
    triples = zip(values, values[1:], values[2:], strict=False)
    return median([abs(value - (before + after) / 2) for before, value, after in triples] or [inf])
