"""The search for faults of a field: every detector, with what people have decided before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from readings.calendar.days import day_of
from readings.calendar.span import DAY_MS, HOUR_MS, Span
from readings.models import SetAside
from readings.models.counted import Cut, Rules
from readings.models.set_aside import Reason, State
from readings.proposals import evidence, moments, runs
from readings.proposals.evidence import MACHINE, Known
from readings.proposals.faults import APART_MS, LONGEST_MS, Fault, joined
from readings.proposals.limits import Odd, in_unit, odd
from readings.proposals.neighbours import LEAST_WITNESSES, REACH_DAYS, Disagreement, disagreeing
from stations.models import Field
from stations.units import displayed

HABIT_MS = runs.HABIT_MS
KNOWN_DAYS, MOST_DAYS_BEYOND = 5, 1  # of the 30 days before, for a range
POWER_ON_C, NO_ANSWER_C = 85.0, -127.0  # a DS18B20 after power-on, and one that does not answer
OF_PROBES = {"temperature", "soil_temperature"}
OF_MOMENTS = (Reason.POWER_ON, Reason.RANGE, Reason.SPIKE)


@dataclass(frozen=True)
class Search:
    """A search in a field's readings of a span, which are compared with those of the 30 days before."""

    field: Field
    span: Span
    marks: Sequence[SetAside]

    def faults(self) -> Iterator[Fault]:
        """Yield what may be wrong, without what people have found right, and what is set aside already."""
        if self.field.kind.is_sum:
            return
        limits = odd(self.field.quantity, self.field.unit)
        yield from self._of_moments(limits)
        yield from self._of_runs(limits)
        if limits.apart is not None:
            yield from self._of_neighbours(limits.apart)

    # Single readings

    def _of_moments(self, limits: Odd) -> Iterator[Fault]:
        known = evidence.readings(self.field, self._reaching_back())
        marks = [mark for mark in self.marks if mark.reason in OF_MOMENTS and not self._may_grow(mark)]
        decided = Rules([Cut(mark.span, mark.below, mark.above) for mark in marks], [])
        detectors: tuple[tuple[Reason, Callable[[Sequence[Known], Odd], Collection[int]]], ...] = (
            (Reason.POWER_ON, self._power_on),
            (Reason.RANGE, self._beyond),
            (Reason.SPIKE, self._spikes),
        )
        for reason, detector in detectors:
            found = set(detector(known, limits))
            odd_ones = [each for each in known if each.moment_ms in found]
            new = {each.moment_ms for each in odd_ones if decided.value(each.moment_ms, each.raw) is not None}
            for some, span, below, above in joined(known, new):
                yield Fault(reason, span, self._said(reason, some, limits), below, above)
            known = [each for each in known if each.moment_ms not in found]

    def _reaching_back(self) -> Span:
        """Return the span with the time before it, in which a matter may have begun that goes on."""
        starts = [mark.span.start_ms for mark in self.marks if self._may_grow(mark)]
        return Span(min([self.span.start_ms - APART_MS, *starts]), self.span.end_ms)

    def _may_grow(self, mark: SetAside) -> bool:
        is_open = mark.state == State.PROPOSED and mark.made_by == MACHINE and mark.reason in OF_MOMENTS
        return is_open and mark.span.start_ms >= self.span.start_ms - LONGEST_MS

    def _power_on(self, known: Sequence[Known], limits: Odd) -> Collection[int]:
        if self.field.quantity not in OF_PROBES:
            return []
        raw = [(each.moment_ms, each.raw) for each in known]
        found = set[int]()
        for celsius in (POWER_ON_C, NO_ANSWER_C):
            value, freezing, far = (in_unit(each, self.field.unit) for each in (celsius, 0, moments.FAR_C))
            if value is not None and freezing is not None and far is not None:
                found.update(moments.power_on(raw, value, far - freezing))
        return found

    def _beyond(self, known: Sequence[Known], limits: Odd) -> Collection[int]:
        found = moments.outside([(each.moment_ms, each.value) for each in known], limits.low, limits.high)
        if not found:
            return []
        before = evidence.extremes(self.field, Span(found[0] - HABIT_MS, found[0] - DAY_MS))
        beyond = sum(low < limits.low or high > limits.high for low, high in before)
        return found if len(before) >= KNOWN_DAYS and beyond <= MOST_DAYS_BEYOND else []

    def _spikes(self, known: Sequence[Known], limits: Odd) -> Collection[int]:
        points = [(each.moment_ms, each.value) for each in known]
        return [] if limits.step is None else moments.spikes(points, limits.step)

    def _said(self, reason: Reason, some: Sequence[Known], limits: Odd) -> str:
        count = "1 reading" if len(some) == 1 else f"{len(some)} readings"
        values = sorted(each.value for each in some)
        told = self._value(values[0]) if values[0] == values[-1] else f"{values[0]:g} to {self._value(values[-1])}"
        if reason == Reason.POWER_ON:
            why = "a DS18B20 says so when it lost power or does not answer, and the readings around are far away"
        elif reason == Reason.RANGE:
            why = f"no weather has it, and the 30 days before were within {limits.low:g} to {self._value(limits.high)}"
        else:
            why = "a step from the readings around that no weather makes so fast, and back"
        return f"{count}, {told}: {why}."

    # Hours and days

    def _of_runs(self, limits: Odd) -> Iterator[Fault]:
        gap_ms = max(HOUR_MS, 3 * 1000 * self.field.station.interval_s)
        if limits.repeats is None or not self._may_repeat(gap_ms):
            return
        quarters = evidence.quarters(self.field, Span(self.span.start_ms - HABIT_MS - DAY_MS, self.span.end_ms))
        right = evidence.found_right(self.marks, Reason.STUCK)
        for run in runs.stuck(quarters, limits.repeats, gap_ms, right):
            before = f"at most {_length(run.before_ms)} in the 30 days before"
            said = f"{self._value(run.value)} for {_length(run.length_ms)} without any change, {before}."
            yield from self._long(Reason.STUCK, run.span, said, right)
        if self.field.quantity == "humidity":
            right = evidence.found_right(self.marks, Reason.WET)
            for run in runs.wet(quarters, gap_ms, right):
                said = f"100 % for {_length(run.length_ms)}: a sensor that got wet stays there for days."
                yield from self._long(Reason.WET, run.span, said, right)

    def _may_repeat(self, gap_ms: int) -> bool:
        """Tell whether there is any long run, by the quarters of the span and six hours before: as a rule, no."""
        some = evidence.quarters(self.field, Span(self.span.start_ms - runs.LEAST_STUCK_MS, self.span.end_ms))
        return runs.is_any_long(some, gap_ms)

    def _long(self, reason: Reason, span: Span, said: str, right: Sequence[Span]) -> Iterator[Fault]:
        if span.end_ms > self.span.start_ms and not any(span.overlaps(each) for each in right):
            yield Fault(reason, span, said)

    # Neighbours

    def _of_neighbours(self, apart: float) -> Iterator[Fault]:
        near = evidence.neighbours(self.field)
        if len(near) < LEAST_WITNESSES:
            return
        since_ms = self.span.start_ms - DAY_MS
        reach = Span(since_ms - REACH_DAYS * DAY_MS, self.span.end_ms - DAY_MS + 1)  # The day that runs is left out.
        means = evidence.day_means([self.field, *near], reach)
        right = evidence.found_right(self.marks, Reason.NEIGHBOUR)
        begins_ms = max((each.start_ms for each in right), default=0)
        days = disagreeing(means.pop(self.field.pk, {}), means, since_ms, apart, begins_ms)
        names = evidence.names_for(self.field, near) if days else {}
        for some in _in_a_row(days):
            change = median(each.change for each in some)
            whom = _whom(names, {pk for each in some for pk in each.neighbours})
            size = f"{abs(change):.1f} {displayed(self.field.unit).symbol} {'higher' if change > 0 else 'lower'}"
            said = f"Means of days are about {size} than usual against {whom}."
            end_ms = day_of(self.field.station.zone, some[-1].start_ms).end_ms
            yield Fault(Reason.NEIGHBOUR, Span(some[0].start_ms, end_ms), said)

    def _value(self, value: float) -> str:
        return f"{value:.{self.field.decimals}f} {displayed(self.field.unit).symbol}".strip()


def _whom(names: Mapping[int, str], fields: Collection[int]) -> str:
    """Return the names of neighbours in words, and how many more there are that have none here."""
    named = sorted({names[pk] for pk in fields if pk in names})
    others = sum(pk not in names for pk in fields)
    count = f"{others} other{'' if others == 1 else 's'}" if named else f"{others} stations nearby"
    return " and ".join([*named, *([count] if others else [])])


def _in_a_row(days: Sequence[Disagreement]) -> Iterator[list[Disagreement]]:
    """Yield days that follow each other, with at most one day between two of them."""
    some: list[Disagreement] = []
    for each in days:
        if some and each.start_ms - some[-1].start_ms > 2.5 * DAY_MS:
            yield some
            some = []
        some.append(each)
    if some:
        yield some


def _length(ms: int) -> str:
    hours, minutes = divmod(round(ms / 60_000), 60)
    return f"{hours} h" if not minutes else f"{hours} h {minutes} min" if hours else f"{minutes} min"
