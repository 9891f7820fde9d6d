"""Storing readings: the values and batches of boards, and readings with known moments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import cast

from django.db import transaction

from freetemp.fields import from_millis
from readings.ingest.group_commit import group_commit
from readings.ingest.insert import insert_readings
from readings.ingest.reports import Batch, Measurement, Receipt, Sample, SingleValue
from readings.ingest.store_group import settle
from readings.rollups.locks import locked_fields
from stations.models import Claim, Station

ROWS_A_BATCH = 5_000


def record(claim: Claim, field: int, value: float) -> datetime:
    """Store one value that arrives now, and return the moment it was stored under.

    It is durable when this returns. The moment is its arrival, or the field's next free millisecond.
    Raises WrongKeyError, a ReportError or django.db.Error; then nothing was stored.
    """
    return from_millis(cast(int, group_commit.submit(SingleValue(claim, field, value))))


def record_batch(
    claim: Claim, boot: int | None, samples: list[Sample], trouble: str = "", firmware: str = ""
) -> Receipt:
    """Store a report of many readings. Return how many were stored, repeated, or rejected, with the reasons.

    It is durable when this returns. Raises WrongKeyError, a ReportError or django.db.Error: nothing was stored.
    """
    return cast(Receipt, group_commit.submit(Batch(claim, boot, samples, trouble, firmware)))


def store(station: Station, measurements: Iterable[Measurement]) -> int:
    """Store readings of one station and return how many were new. A repeat keeps the first value.

    All of them are stored or, if this raises, none. Their fields must be the station's. The station does not count as
    heard. Readings from before a retention's limit are skipped: the rollups have them already.
    """
    count = 0
    with transaction.atomic():
        fields = locked_fields({station.pk})
        present = Station.objects.get(pk=station.pk)  # Its zone and retention as the lock keeps them.
        for batch in _batches(iter(measurements), ROWS_A_BATCH):
            rows: dict[tuple[int, int, int], float] = {}
            for number, moment_ms, value in batch:
                if moment_ms >= present.raw_since_ms:
                    rows.setdefault((station.pk, number, moment_ms), float(value))
            stored = insert_readings(rows)
            settle(fields, {key: rows[key] for key in stored}, {station.pk: present.zone})
            count += len(stored)
    return count


def _batches(rows: Iterator[Measurement], size: int) -> Iterator[list[Measurement]]:
    while batch := list(islice(rows, size)):
        yield batch
