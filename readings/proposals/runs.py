"""Values that stay for hours: a sensor that is stuck, and one that stays wet."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from readings.calendar.span import DAY_MS, HOUR_MS, QUARTER_MS, Span

LEAST_STUCK_MS = 6 * HOUR_MS
TIMES_STUCK = 3  # so many times longer than any run of the 30 days before
LEAST_WET_MS = 48 * HOUR_MS
TIMES_WET = 2
WET = 99.5  # %
HABIT_MS = 30 * DAY_MS
KNOWN_MS = 7 * DAY_MS  # A field that is known for less has no habit yet.
LEAST_READINGS = 6  # A value that is reported twice a day may well be the same for a day.


class Quarter(NamedTuple):
    """A quarter of an hour: its start, the number of its readings, the smallest and the largest."""

    start_ms: int
    n: int
    low: float
    high: float


class Run(NamedTuple):
    """Quarters in a row that all have the same, and how long the longest of the 30 days before was."""

    span: Span
    n: int
    value: float
    before_ms: int

    @property
    def length_ms(self) -> int:
        return _length_ms(self.span)


def stuck(
    quarters: Sequence[Quarter], between: tuple[float, float], gap_ms: int, right: Sequence[Span] = ()
) -> list[Run]:
    """Return the runs in which one value between two limits was repeated for too long.

    Quarters are in order, with 30 days before those of interest. A gap longer than `gap_ms` ends a run. What people
    found right, in the spans of `right`, is usual from then on.
    """
    low, high = between
    runs = _Runs(LEAST_STUCK_MS, TIMES_STUCK, gap_ms, right)
    return [run for run in runs.too_long(quarters, _is_same) if low <= run.value <= high]


def wet(quarters: Sequence[Quarter], gap_ms: int, right: Sequence[Span] = ()) -> list[Run]:
    """Return the runs in which the relative humidity stayed at 100 % for days."""
    runs = _Runs(LEAST_WET_MS, TIMES_WET, gap_ms, right)
    return list(runs.too_long(quarters, _is_wet))


def is_any_long(quarters: Sequence[Quarter], gap_ms: int) -> bool:
    """Tell, at little cost, whether there may be a run: of six hours, whatever was usual before."""
    runs = _Runs(LEAST_STUCK_MS, 0, gap_ms, ())
    conditions = (_is_same, _is_wet)
    return any(
        each[-1].start_ms + QUARTER_MS - each[0].start_ms >= LEAST_STUCK_MS
        for condition in conditions
        for each in runs.all(quarters, condition)
    )


def _is_same(before: Quarter, now: Quarter) -> bool:
    return now.low == now.high == before.low == before.high


def _is_wet(before: Quarter, now: Quarter) -> bool:
    return before.low >= WET and now.low >= WET


class _Runs(NamedTuple):
    least_ms: int
    times: int
    gap_ms: int
    right: Sequence[Span]

    def too_long(self, quarters: Sequence[Quarter], same: Callable[[Quarter, Quarter], bool]) -> Iterator[Run]:
        """Yield the runs that are longer than usual. They are no habit, and neither has a field's first week one."""
        habit: deque[Span] = deque()  # Each is longer than all after it, so that the first is the longest.
        for each in self.all(quarters, same):
            span = Span(each[0].start_ms, each[-1].start_ms + QUARTER_MS)
            while habit and habit[0].end_ms < span.start_ms - HABIT_MS:
                habit.popleft()
            run = Run(span, sum(one.n for one in each), each[0].low, _length_ms(habit[0]) if habit else 0)
            is_long = len(each) > 1 and run.length_ms > max(self.least_ms, self.times * run.before_ms)
            if is_long and run.n >= LEAST_READINGS and span.start_ms - quarters[0].start_ms >= KNOWN_MS:
                yield run
            if not is_long or self.is_right(span):
                while habit and _length_ms(habit[-1]) <= run.length_ms:
                    habit.pop()
                habit.append(span)

    def is_right(self, span: Span) -> bool:
        return any(span.overlaps(each) for each in self.right)

    def all(self, quarters: Sequence[Quarter], same: Callable[[Quarter, Quarter], bool]) -> Iterator[Sequence[Quarter]]:
        first = 0
        for index in range(1, len(quarters) + 1):
            before, now = quarters[index - 1], quarters[index] if index < len(quarters) else None
            if now is None or now.start_ms - before.start_ms > self.gap_ms or not same(before, now):
                yield quarters[first:index]
                first = index


def _length_ms(span: Span) -> int:
    return span.end_ms - span.start_ms
