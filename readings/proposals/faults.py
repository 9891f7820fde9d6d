"""Faults: spans of readings that may be wrong, and why. Odd moments near each other become one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from readings.calendar.span import DAY_MS, HOUR_MS, Span
from readings.proposals.evidence import Known

APART_MS = 12 * HOUR_MS  # What is further apart is another matter.
LONGEST_MS = 7 * DAY_MS
MOST = 4  # of a matter whose odd values lie between right ones


class Fault(NamedTuple):
    """A span to be set aside. With limits, only raw values below the one or above the other are."""

    reason: str
    span: Span
    said: str
    below: float | None = None
    above: float | None = None


def joined(
    known: Sequence[Known], odd: Collection[int]
) -> Iterator[tuple[list[Known], Span, float | None, float | None]]:
    """Join odd moments that are near each other. Yield the odd readings, their span and its limits.

    If the odd readings of a matter are all above or below the right ones among them, limits tell them apart, and it is
    one span. Otherwise it is up to MOST spans, which may have right readings among odd ones.
    """
    of_odd = set(odd)
    for matter in _matters([each for each in known if each.moment_ms in of_odd]):
        span = _span(matter)
        right = [each.raw for each in _within(known, span) if each.moment_ms not in of_odd]
        if not right:
            yield matter, span, None, None
            continue
        below, above = _limits([each.raw for each in matter], right)
        if below is None and above is None:
            for part in _parts(matter):
                yield part, _span(part), None, None
        else:
            yield matter, span, below, above


def _matters(odd: Sequence[Known]) -> Iterator[list[Known]]:
    matter: list[Known] = []
    for each in odd:
        if matter and (
            each.moment_ms - matter[-1].moment_ms > APART_MS or each.moment_ms - matter[0].moment_ms > LONGEST_MS
        ):
            yield matter
            matter = []
        matter.append(each)
    if matter:
        yield matter


def _limits(odd: Sequence[float], right: Sequence[float]) -> tuple[float | None, float | None]:
    """Return the limits beyond which the odd values are, and no right one; (None, None) if there are none."""
    low, high = min(right), max(right)
    under, over = [each for each in odd if each < low], [each for each in odd if each > high]
    if len(under) + len(over) < len(odd):
        return None, None
    return (max(under) + low) / 2 if under else None, (min(over) + high) / 2 if over else None


def _parts(matter: Sequence[Known]) -> Iterator[list[Known]]:
    """Yield up to MOST parts, divided where the odd moments are furthest from each other."""
    gaps = sorted(
        ((after.moment_ms - before.moment_ms, index) for index, (before, after) in enumerate(pairwise(matter), 1)),
        reverse=True,
    )
    edges = sorted(index for _, index in gaps[: MOST - 1])
    for first, after in pairwise([0, *edges, len(matter)]):
        yield list(matter[first:after])


def _span(odd: Sequence[Known]) -> Span:
    return Span(odd[0].moment_ms, odd[-1].moment_ms + 1)


def _within(known: Sequence[Known], span: Span) -> list[Known]:
    return [each for each in known if span.start_ms <= each.moment_ms < span.end_ms]
