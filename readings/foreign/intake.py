"""Stores an upload by the same way that boards' reports take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import isfinite

from freetemp.disk_reserve import database_folder, disk_reserve
from readings import ingest
from readings.foreign.fields import add_fields
from readings.foreign.upload import Upload, Value
from readings.ingest.batch_json import MOST_READINGS
from readings.ingest.batch_rate import batch_rate
from readings.ingest.reports import DiskReserveError, NamedBatch, NamedValue, Receipt, Rejection
from readings.models.device_state import DeviceTold
from stations.models import Claim

MOST_TRIES = 50

Record = Callable[[Sequence[NamedBatch]], Sequence[Receipt | Exception]]


class Taken:
    """What became of an upload: its station, its rejected values, and the names that have no field.

    The error is that of an upload among others, which were stored.
    """

    def __init__(self) -> None:
        self.station = 0
        self.rejected: list[Rejection] = []
        self.without_field: list[str] = []
        self.error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Values of one sender that came together, at a moment in Unix milliseconds."""

    claim: Claim
    values: Sequence[Value]
    now_ms: int
    is_bulk: bool = False
    taken: Taken = field(default_factory=Taken)
    device: DeviceTold | None = None

    def named(self) -> NamedBatch:
        return NamedBatch(self.claim, [self._named(each) for each in self.values], device=self.device)

    def _named(self, value: Value) -> NamedValue:
        known, number, moment_ms = value
        if moment_ms is None or (moment_ms > self.now_ms and not self.is_bulk):
            moment_ms = self.now_ms
        return NamedValue(known.source, number, known.unit, moment_ms)

    def may_move(self, value: NamedValue, rejection: Rejection) -> bool:
        return rejection.code == "value" and isfinite(value.value) and value.measured_at_ms >= self.now_ms


def store(upload: Upload, now_ms: int) -> Taken:
    """Store an upload that has arrived now. Raises WrongKeyError, a ReportError or django.db.Error.

    A moment later than now counts as now: a device's clock may be ahead. One of many keeps its own. An upload of many
    may be stored in parts; then its repeat stores the rest.
    """
    if upload.is_bulk and disk_reserve.is_reached(database_folder()):
        raise DiskReserveError
    claim, taken = Claim.by_key_alone(upload.key), Taken()
    batch_rate.check(claim)
    for start in range(0, max(len(upload.values), 1), MOST_READINGS):
        values = upload.values[start : start + MOST_READINGS]
        store_parts([Part(claim, values, now_ms, upload.is_bulk, taken, upload.device)], _one_by_one)
    return taken


def _one_by_one(reports: Sequence[NamedBatch]) -> list[Receipt]:
    return [ingest.record_named(each) for each in reports]


def store_parts(parts: Sequence[Part], record: Record) -> None:
    """Store the values of some senders, and add the fields that are missing where the station may have them."""
    lacking = _record([(part, part.named()) for part in parts], record)
    again = []
    for part, report in lacking:
        missing = {each.source for each in report.missing}
        known = {each.known.source: each.known for each in part.values if each.known.source in missing}
        if add_fields(report.station, known):
            again.append((part, NamedBatch(part.claim, report.missing)))
        else:
            part.taken.without_field += sorted(missing)
    for part, report in _record(again, record):
        part.taken.without_field += sorted({each.source for each in report.missing})


def _record(first: Sequence[tuple[Part, NamedBatch]], record: Record) -> list[tuple[Part, NamedBatch]]:
    """Store values, and return those reports of which some have no field.

    A value that is dated by its arrival takes the next millisecond if another value has this one.
    """
    waiting = first
    for tries_left in reversed(range(MOST_TRIES)):
        if not waiting:
            break
        outcomes = record([report for _, report in waiting])
        moved = [_moved(*each, outcome, tries_left) for each, outcome in zip(waiting, outcomes, strict=True)]
        waiting = [(part, report) for (part, _), report in zip(waiting, moved, strict=True) if report is not None]
    for part, report in first:
        part.taken.station = report.station
        part.taken.rejected += [Rejection(0, "unit", f"{each.source} comes in {each.unit}") for each in report.unfit]
    return [(part, report) for part, report in first if report.missing]


def _moved(part: Part, report: NamedBatch, outcome: Receipt | Exception, tries_left: int) -> NamedBatch | None:
    """Note an outcome, and return the values that are to be stored a millisecond later."""
    if isinstance(outcome, Exception):
        part.taken.error = outcome
        return None
    batch_rate.pour(part.claim, outcome)
    if not outcome.rejected:
        return None
    again = [each for each in outcome.rejected if tries_left and part.may_move(report.values[each.seq], each)]
    part.taken.rejected += [each for each in outcome.rejected if each not in again]
    moved = (report.values[each.seq] for each in again)
    later = [each._replace(measured_at_ms=each.measured_at_ms + 1) for each in moved]
    return NamedBatch(part.claim, later) if later else None
