"""The right answers, computed straight from the raw readings, and comparisons with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from math import isclose
from statistics import fmean
from typing import Any

from benchmarks.history import EPOCH, ZONE, Range, Raw, to_ms

EXACT = timedelta(hours=49)  # A longer range includes its whole first and last quarter of an hour.
QUARTER = timedelta(minutes=15)
DAY_S = 86_400
QUARTER_MS, HOUR_MS, LONGEST_DAY_MS = 900_000, 3_600_000, 25 * 3_600_000
# By how much means may differ: by the rounding of sums, and by the seconds until a bucket with today is computed here.
ROUNDING, OF_TODAY = 1e-9, 1e-4

Point = tuple[int, float, float, float]  # moment in Unix milliseconds, mean, smallest, largest


def check_series(raw: Raw, asked: Range, found: dict[str, Any]) -> int:
    """Compare every point of freetemp's answer with the raw readings, and return the number of points."""
    columns = zip(found["time"], found["mean"], found["min"], found["max"], strict=True)
    points = [(round(at * 1000), *values) for at, *values in columns if values[0] is not None]
    step_s = found["step_s"]
    span = to_ms(asked.start), to_ms(asked.end)
    right = _raw(raw, *span) if step_s is None else summed_up(raw, buckets(*span, step_s))
    check_points(points, right, OF_TODAY if (step_s or 0) > DAY_S else ROUNDING)
    return len(points)


def check_points(found: list[Point], right: Iterator[Point], of_last: float = ROUNDING) -> None:
    """Compare points with the right ones: moments, lows and highs exactly, the last mean up to `of_last`."""
    expected = list(right)
    assert [point[0] for point in found] == [point[0] for point in expected], "other moments"
    for (at_ms, mean, *extremes), (_, right_mean, *right_extremes) in zip(found, expected, strict=True):
        allowed = of_last if at_ms == expected[-1][0] else ROUNDING
        assert isclose(mean, right_mean, abs_tol=allowed), (at_ms, mean, right_mean)
        assert extremes == right_extremes, (at_ms, extremes, right_extremes)


def _raw(raw: Raw, start_ms: int, end_ms: int) -> Iterator[Point]:
    for index in range(*raw.within(start_ms, end_ms).indices(len(raw.times))):
        yield raw.times[index], *([raw.values[index]] * 3)


def summed_up(raw: Raw, parts: Iterator[tuple[int, int]], *, over_time: bool = True) -> Iterator[Point]:
    """Yield the right point for each part with readings. A part runs from its first moment up to its second."""
    for first_ms, after_ms in parts:
        if values := raw.values[raw.within(first_ms, after_ms)]:
            mean = mean_of(raw, first_ms, after_ms) if over_time else fmean(values)
            yield first_ms, mean, min(values), max(values)


def mean_of(raw: Raw, first_ms: int, after_ms: int) -> float:
    """Return the mean over time of a whole bucket, by docs/figures.md."""
    length_ms = after_ms - first_ms
    if length_ms <= QUARTER_MS:
        return fmean(raw.values[raw.within(first_ms, after_ms)])
    if length_ms <= HOUR_MS:
        edges = [*range(first_ms, after_ms, QUARTER_MS), after_ms]
    elif length_ms <= LONGEST_DAY_MS:
        edges = [*range(first_ms, after_ms, HOUR_MS), after_ms]
    else:
        first, after = (datetime.fromtimestamp(at / 1000, ZONE).toordinal() for at in (first_ms, after_ms))
        edges = [midnight_ms(day) for day in range(first, after + 1)]
    parts = [part for part in pairwise(edges) if raw.values[raw.within(*part)]]
    weights = [_passed(*part) if length_ms > LONGEST_DAY_MS else 1.0 for part in parts]
    return fmean((mean_of(raw, *part) for part in parts), weights)


def _passed(first_ms: int, after_ms: int) -> float:
    """Return the share of a day that has passed: today counts by it among others."""
    return min(1.0, (to_ms(datetime.now(UTC)) - first_ms) / (after_ms - first_ms))


def buckets(start_ms: int, end_ms: int, step_s: int) -> Iterator[tuple[int, int]]:
    """Yield the whole buckets of a range. Buckets of a day or more are days of the zone, counted from a Monday."""
    if step_s < DAY_S:
        yield from steps(start_ms, end_ms, step_s)
        return
    day, days = datetime.fromtimestamp(start_ms / 1000, ZONE).toordinal(), step_s // DAY_S
    day -= (day - date(1969, 12, 29).toordinal()) % days
    while (first_ms := midnight_ms(day)) < end_ms:
        day += days
        yield first_ms, midnight_ms(day)


def steps(start_ms: int, end_ms: int, step_s: int) -> Iterator[tuple[int, int]]:
    """Yield the whole steps of UTC, counted from the epoch, that overlap a range."""
    for first_ms in range(start_ms - start_ms % (step_s * 1000), end_ms, step_s * 1000):
        yield first_ms, first_ms + step_s * 1000


def midnight_ms(day: int) -> int:
    return to_ms(datetime.combine(date.fromordinal(day), time(), ZONE))


def check_history(station: Any, raw: Raw, asked: Range) -> None:
    """Compare the content of a page: a period's low, high and mean, their moments, and every row of its table."""
    from readings.calendar.periods import Period
    from readings.history.totals import History

    start, end = asked.start, asked.end
    edges = [start, *(part.end for part in Period("range", start, end, ZONE).parts)]
    history = History(station, station.fields.all())
    (whole,) = history.extremes(start, end).values()
    parts = history.by_part(edges)
    if end - start > EXACT:
        edges[0], edges[-1] = start - (start - EPOCH) % QUARTER, end + (EPOCH - end) % QUARTER
    within = raw.within(to_ms(edges[0]), to_ms(edges[-1]))
    check_total(whole.summary, raw, within)
    for moment, value in ((whole.min_at, whole.summary.min), (whole.max_at, whole.summary.max)):
        assert to_ms(moment) == raw.times[raw.values.index(value, within.start, within.stop)], asked
    for index, (first, after) in enumerate(pairwise(edges)):
        check_total(parts.get((1, index)), raw, raw.within(to_ms(first), to_ms(after)))
        if end - start > EXACT and 0 < index < len(edges) - 2 and (1, index) in parts:  # Whole days or months.
            right = mean_of(raw, to_ms(first), to_ms(after))
            assert isclose(parts[1, index].mean, right, abs_tol=1e-9), (first, after)


def check_total(total: Any, raw: Raw, within: slice) -> None:
    values = raw.values[within]
    if not values:
        assert total is None
        return
    assert (total.n, total.min, total.max) == (len(values), min(values), max(values)), within
