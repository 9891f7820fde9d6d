"""Storing readings: the values and batches of boards, and readings with known moments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from itertools import islice
from typing import NamedTuple, cast

from freetemp.fields import from_millis
from freetemp.sql import atomic, few_waits
from readings.ingest.group_commit import UNABLE, group_commit, store_each
from readings.ingest.insert import insert_if_new, insert_readings, stored_values
from readings.ingest.reports import Batch, Measurement, NamedBatch, Receipt, Sample, SingleValue
from readings.ingest.rows import RowKey, Rows, by_station
from readings.ingest.settling import settle
from readings.models.board_state import Told
from readings.rollups.locks import locked_fields
from stations.models import Claim, Station

ROWS_A_PART = 5_000
_LONGEST_LAG_MS = 1  # of FieldState.lag_ms

Moment = tuple[int, int]  # field, Unix milliseconds


def record(claim: Claim, field: int, value: float) -> datetime:
    """Store one value that arrives now, and return the moment it was stored under.

    It is durable when this returns. The moment is its arrival, or the field's next free millisecond.
    Raises WrongKeyError, a ReportError or django.db.Error; then nothing was stored.
    """
    return from_millis(cast(int, group_commit.submit(SingleValue(claim, field, value))))


def record_batch(
    claim: Claim,
    boot: int | None,
    samples: Sequence[Sample],
    trouble: str = "",
    firmware: str = "",
    board: Told | None = None,
) -> Receipt:
    """Store a report of many readings. Return how many were stored, repeated, or rejected, with the reasons.

    It is durable when this returns. Raises WrongKeyError, a ReportError or django.db.Error: nothing was stored.
    """
    return cast(Receipt, group_commit.submit(Batch(claim, boot, samples, trouble, firmware, board)))


def record_named(report: NamedBatch) -> Receipt:
    """Store the values of a device of another maker, as record_batch() does, and tell the report what had no place."""
    return cast(Receipt, group_commit.submit(report))


@contextmanager
def one_transaction() -> Iterator[None]:
    """Let record_each() and what else the caller writes be one transaction, on the connection that stores reports.

    It is for programs that store in one thread only. It is durable when the block ends.
    """
    with group_commit.one_connection(), atomic():
        yield


def record_each(reports: Sequence[NamedBatch]) -> list[Receipt | Exception]:
    """Store reports within one_transaction(), each as record_named() does. Return its receipt or its error.

    Raises django.db.Error or ClockBehindError if none can be stored now.
    """
    outcomes = store_each(reports)
    unable = next((each for each in outcomes if isinstance(each, UNABLE)), None)
    if unable is not None:
        raise unable  # The caller's transaction ends here, and takes the others with it.
    return cast(list[Receipt | Exception], outcomes)


class OtherValue(NamedTuple):
    """A measurement whose moment has a stored reading with another value. The stored one stays."""

    measurement: Measurement
    stored: float


@dataclass
class Stored:
    """The outcome of storing measurements: how many were new or repeats, and those that contradict a stored one."""

    new: int = 0
    repeats: int = 0
    other_values: list[OtherValue] = dataclass_field(default_factory=list)

    def count(self, batch: Sequence[Measurement], stored: Collection[Moment], present: Mapping[Moment, float]) -> None:
        """Count a batch whose rows at some moments were stored, while other moments had these values before."""
        firsts: dict[Moment, float] = dict(present)
        for each in batch:
            moment = (each.field, each.measured_at_ms)
            if moment not in firsts:
                firsts[moment] = each.value
                self.new += moment in stored
            elif firsts[moment] == each.value:
                self.repeats += 1
            else:
                self.other_values.append(OtherValue(each, firsts[moment]))


def store(station: Station, measurements: Iterable[Measurement]) -> int:
    """Store readings of one station and return how many were new. A moment that has a reading keeps its value.

    All of them are stored or, if this raises, none. Their fields must be the station's. The station does not count as
    heard. Readings from before a retention's limit are skipped: the rollups have them already.
    """
    return _store(station, _in_parts(station.pk, iter(measurements))).new


def store_and_compare(station: Station, rows: Rows) -> Stored:
    """Store readings as store() does, and tell repeats from other values for a moment that has a reading."""
    return _store(station, [rows] if rows.fields else [])


def _store(station: Station, parts: Iterable[Rows]) -> Stored:
    told = Stored()
    with few_waits(), atomic():
        fields = locked_fields({station.pk})
        present = Station.objects.get(pk=station.pk)  # Its zone and retention as the lock keeps them.
        for new in parts:
            if min(new.moments_ms) - _LONGEST_LAG_MS >= present.raw_since_ms and insert_if_new(new):
                settle(fields, [new], {station.pk: present})
                told.new += len(new.fields)
                continue
            kept = [
                each
                for each in new.measurements()
                if each.measured_at_ms - fields[station.pk, each.field].lag_ms >= present.raw_since_ms
            ]
            rows: dict[RowKey, float] = {}
            for number, moment_ms, value in kept:
                rows.setdefault((station.pk, number, moment_ms), value)
            stored = insert_readings(rows)
            before = stored_values([key for key in rows if key not in stored])
            settle(fields, by_station({key: rows[key] for key in stored}), {station.pk: present})
            told.count(kept, {key[1:] for key in stored}, {key[1:]: value for key, value in before.items()})
    return told


def compare(station: Station, measurements: Sequence[Measurement], seen: Mapping[Moment, float]) -> Stored:
    """Return what store_and_compare() would if it had stored `seen` before, and store nothing."""
    kept = [each for each in measurements if each.measured_at_ms >= station.raw_since_ms]
    before = stored_values({(station.pk, each.field, each.measured_at_ms) for each in kept})
    present = {**seen, **{key[1:]: value for key, value in before.items()}}
    told = Stored()
    told.count(kept, {(each.field, each.measured_at_ms) for each in kept} - present.keys(), present)
    return told


def _in_parts(station: int, measurements: Iterator[Measurement]) -> Iterator[Rows]:
    while part := list(islice(measurements, ROWS_A_PART)):
        yield Rows.of(station, part)
