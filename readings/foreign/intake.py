"""Stores an upload by the same way that boards' reports take."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from freetemp.disk_reserve import database_folder, disk_reserve
from readings import ingest
from readings.foreign.fields import add_fields
from readings.foreign.upload import Upload, Value
from readings.ingest.batch_json import MOST_READINGS
from readings.ingest.batch_rate import batch_rate
from readings.ingest.reports import DiskReserveError, NamedBatch, NamedValue, Rejection
from stations.models import Claim

MOST_TRIES = 50


class Taken:
    """What became of an upload: its station, its rejected values, and the names that have no field."""

    def __init__(self) -> None:
        self.station = 0
        self.rejected: list[Rejection] = []
        self.without_field: list[str] = []


def store(upload: Upload, now_ms: int) -> Taken:
    """Store an upload that has arrived now. Raises WrongKeyError, a ReportError or django.db.Error.

    A moment later than now counts as now: a device's clock may be ahead. One of many keeps its own. An upload of many
    may be stored in parts; then its repeat stores the rest.
    """
    if upload.is_bulk and disk_reserve.is_reached(database_folder()):
        raise DiskReserveError
    storing = _Storing(Claim.by_key_alone(upload.key), upload.is_bulk, now_ms)
    batch_rate.check(storing.claim)
    for start in range(0, max(len(upload.values), 1), MOST_READINGS):
        storing.store(upload.values[start : start + MOST_READINGS])
    return storing.taken


class _Storing:
    """The work of one upload."""

    def __init__(self, claim: Claim, is_bulk: bool, now_ms: int) -> None:
        self.claim, self.is_bulk, self.now_ms, self.taken = claim, is_bulk, now_ms, Taken()

    def store(self, values: Sequence[Value]) -> None:
        """Store some values, and add the fields that are missing if the station may have them."""
        named = [self._named(each) for each in values]
        report = self._record(named)
        if not report.missing:
            return
        missing = {each.source for each in report.missing}
        if add_fields(
            report.station, {each.known.source: each.known for each in values if each.known.source in missing}
        ):
            report = self._record([each for each in named if each.source in missing])
        self.taken.without_field += sorted({each.source for each in report.missing})

    def _named(self, value: Value) -> NamedValue:
        known, number, moment_ms = value
        if moment_ms is None or (moment_ms > self.now_ms and not self.is_bulk):
            moment_ms = self.now_ms
        return NamedValue(known.source, number, known.unit, moment_ms)

    def _record(self, named: Sequence[NamedValue]) -> NamedBatch:
        """Store values. One that is dated by its arrival takes the next millisecond if another value has this one."""
        first = report = NamedBatch(self.claim, named)
        for _ in range(MOST_TRIES):
            receipt = ingest.record_named(report)
            batch_rate.pour(self.claim, receipt)
            again = [each for each in receipt.rejected if self._may_move(report.values[each.seq], each)]
            self.taken.rejected += [each for each in receipt.rejected if each not in again]
            if not again:
                break
            moved = [report.values[each.seq] for each in again]
            report = NamedBatch(self.claim, [each._replace(measured_at_ms=each.measured_at_ms + 1) for each in moved])
        self.taken.station = first.station
        self.taken.rejected += [Rejection(0, "unit", f"{each.source} comes in {each.unit}") for each in first.unfit]
        return first

    def _may_move(self, value: NamedValue, rejection: Rejection) -> bool:
        return rejection.code == "value" and isfinite(value.value) and value.measured_at_ms >= self.now_ms
