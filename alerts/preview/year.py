"""A field's past year by quarters of an hour, a rule's figure at each, and the stretches beyond the limit."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from alerts.models import Kind, Rule
from alerts.rules.figures import change, width_ms
from alerts.rules.power import mean_of
from freetemp.fields import to_millis
from readings.calendar.span import HOUR_MS, QUARTER_MS, Span
from readings.models import Quarter
from readings.models.summary import Total
from stations.models import Field

BACK = timedelta(days=365)


class Step(NamedTuple):
    """A figure of a stretch of time: the one furthest beyond a limit, and the one furthest from it."""

    span: Span
    furthest: float
    nearest: float


class Year(NamedTuple):
    """The quarters of a year that have readings, in order, by their starts."""

    quarters: dict[int, Total]

    @classmethod
    def of(cls, field: Field, at: datetime) -> Self:
        span = Span(to_millis(at - BACK), to_millis(at))
        rows = Quarter.objects.by_start(field.station_id, field.number, span)
        return cls({start_ms: total for (_, _, start_ms), total in sorted(rows.items())})

    def every_quarter(self) -> Iterator[int]:
        """Yield the start of each quarter from the first with readings to the last, also of those without."""
        starts = list(self.quarters)
        return iter(range(starts[0], starts[-1] + QUARTER_MS, QUARTER_MS)) if starts else iter(())

    def windows(self, hours_ms: int, figure: Callable[[Iterable[Total]], float]) -> Iterator[tuple[int, float]]:
        """Yield the start of each quarter with a figure of the hours that end with it, if they have readings."""
        held: deque[tuple[int, Total]] = deque()
        for start_ms in self.every_quarter():
            if total := self.quarters.get(start_ms):
                held.append((start_ms, total))
            while held and held[0][0] <= start_ms - hours_ms:
                held.popleft()
            if held:
                yield start_ms, figure(total for _, total in held)


def figures(rule: Rule, field: Field, year: Year) -> Iterator[Step]:
    """Yield the figure of a rule about a field at each quarter of a year."""
    if rule.is_of_change:
        yield from _changes(rule, field, year)
    elif rule.kind == Kind.RAIN:
        yield from _sums(rule.window_hours * HOUR_MS, year)
    elif rule.kind == Kind.GUST:
        for start_ms, most in year.windows(
            rule.window_hours * HOUR_MS, lambda totals: max(each.max for each in totals)
        ):
            own = year.quarters.get(start_ms)
            yield Step(_quarter(start_ms), own.max if own else most, most)
    else:
        for start_ms, total in year.quarters.items():
            furthest, nearest = (total.max, total.min) if rule.kind == Kind.ABOVE else (total.min, total.max)
            yield Step(_quarter(start_ms), furthest, nearest)


def beyond(rule: Rule, steps: Iterable[Step]) -> Iterator[Span]:
    """Yield the stretches that begin with a figure beyond the limit, and end when one has come back."""
    start_ms = end_ms = None
    for step in steps:
        if rule.is_beyond(step.furthest):
            start_ms = step.span.start_ms if start_ms is None else start_ms
            end_ms = step.span.end_ms
        elif start_ms is not None and end_ms is not None and rule.is_back(step.nearest):
            yield Span(start_ms, end_ms)
            start_ms = end_ms = None
    if start_ms is not None and end_ms is not None:
        yield Span(start_ms, end_ms)


def _changes(rule: Rule, field: Field, year: Year) -> Iterator[Step]:
    hours_ms, width = rule.window_hours * HOUR_MS, width_ms(field.station)
    means = {start_ms: total.mean for start_ms, total in year.quarters.items()}
    if width > QUARTER_MS:
        means = dict(year.windows(width, lambda totals: mean_of(list(totals))))
    for start_ms, newest in means.items():
        before = means.get(start_ms - hours_ms)
        if before is not None:
            figure = change(rule, newest, before)
            yield Step(_quarter(start_ms), figure, figure)


def _sums(hours_ms: int, year: Year) -> Iterator[Step]:
    """Yield the sums of some hours, which go on falling where nothing comes."""
    total = 0.0
    for start_ms in year.every_quarter():
        own, gone = year.quarters.get(start_ms), year.quarters.get(start_ms - hours_ms)
        total += (own.sum if own else 0.0) - (gone.sum if gone else 0.0)
        yield Step(_quarter(start_ms), total, total)


def _quarter(start_ms: int) -> Span:
    return Span(start_ms, start_ms + QUARTER_MS)
