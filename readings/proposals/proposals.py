"""Proposals as they are written down: one for each matter, which grows while it goes on, and never comes back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from freetemp.fields import from_millis
from readings.calendar.span import DAY_MS, HOUR_MS, QUARTER_MS, Span
from readings.models import SetAside
from readings.models.counted import hull
from readings.models.set_aside import Reason, State
from readings.proposals import evidence
from readings.proposals.evidence import MACHINE
from readings.proposals.faults import Fault
from readings.treatment import set_aside
from stations.models import Field

# What is no further apart is one matter, and the proposal grows.
_SLACK_MS = {Reason.STUCK: HOUR_MS, Reason.WET: HOUR_MS, Reason.NEIGHBOUR: 2 * DAY_MS}


def write(field: Field, faults: Iterable[Fault]) -> list[SetAside]:
    """Propose to set faults aside, and return what is new or has grown. Call it in a transaction.

    What is set aside already, or proposed for another reason, is left out.
    """
    written = []
    for fault in faults:
        slack_ms = _SLACK_MS.get(Reason(fault.reason), 0)
        around = Span(fault.span.start_ms - slack_ms, fault.span.end_ms + slack_ms)
        marks = evidence.marks(field, around)
        same = [mark for mark in marks if _is_open(mark, field) and mark.reason == fault.reason]
        if same:
            written += _grown(same, fault)
        elif not any(_takes_all(mark, fault.span) for mark in marks):
            written.append(_new(field, fault))
    return written


def _new(field: Field, fault: Fault) -> SetAside:
    return set_aside(
        field.station,
        field.number,
        fault.span,
        fault.reason,
        MACHINE,
        note=fault.said,
        below=fault.below,
        above=fault.above,
        state=State.PROPOSED,
    )


def _grown(same: Sequence[SetAside], fault: Fault) -> list[SetAside]:
    """Let the first of these proposals take the place of all of them and of the fault, if that is more than it was."""
    first = same[0]
    start_ms, end_ms = hull([fault.span, *(mark.span for mark in same)])
    if len(same) == 1 and first.span == (start_ms, end_ms):
        return []
    open_ones = SetAside.objects.filter(state=State.PROPOSED)  # Somebody may decide at this moment.
    changed = open_ones.filter(pk=first.pk).update(
        start=start_ms, end=end_ms, note=fault.said, below=fault.below, above=fault.above
    )
    open_ones.filter(pk__in=[mark.pk for mark in same[1:]]).delete()
    first.start, first.end, first.note = from_millis(start_ms), from_millis(end_ms), fault.said
    first.below, first.above = fault.below, fault.above
    return [first] if changed else []


def _is_open(mark: SetAside, field: Field) -> bool:
    return mark.state == State.PROPOSED and mark.made_by == MACHINE and mark.field == field.number


def _takes_all(mark: SetAside, span: Span) -> bool:
    """Tell whether a mark that counts, or may count, has all of a span."""
    is_whole = mark.below is None and mark.above is None and mark.state in {State.PROPOSED, State.ACTIVE}
    # A run is told in whole quarters, and a mark of its readings ends with the last of them.
    slack_ms = min(QUARTER_MS, (span.end_ms - span.start_ms) // 4)
    return is_whole and mark.span.start_ms <= span.start_ms + slack_ms and span.end_ms - slack_ms <= mark.span.end_ms
