"""The way into the database: what boards report, and readings whose moments are known already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, cast

from django.db import models, transaction

from freetemp.fields import from_millis
from readings.commit import group_commit
from readings.group import locked_fields, settle
from readings.models.rollup import Day, Quarter
from readings.querysets import HistoryQuerySet, ReadingT
from readings.reports import Batch, Measurement, Receipt, Sample, SingleValue
from readings.sql import insert_readings
from stations.models import Key, Station

ROWS_A_BATCH = 5_000
ROWS_A_DELETE = 10_000


class IngestQuerySet(HistoryQuerySet[ReadingT]):
    """The readings, and the ways to add to them."""

    def record(self, key: Key, field: int, value: float) -> datetime:
        """Store one value that arrives now with a station's key, and return the moment it was stored under.

        It is durable when this returns. The moment is that of its arrival, or the next free millisecond of the field.
        Raises UnknownFieldError, TooOftenError, ClockBehindError or django.db.Error; then nothing was stored.
        """
        return from_millis(cast(int, group_commit.submit(SingleValue(key, field, value))))

    def record_batch(self, key: Key, boot: int | None, samples: list[Sample]) -> Receipt:
        """Store a report of many readings and return how many were stored, repeated, or rejected and why.

        It is durable when this returns. Raises ClockBehindError or django.db.Error; then nothing was stored.
        """
        return cast(Receipt, group_commit.submit(Batch(key, boot, samples)))

    def store(self, station: Station, measurements: Iterable[Measurement]) -> int:
        """Store readings of one station and return how many were new: of a repeat, the first value stays.

        All of them or, where this raises, none. Their fields are the station's; nothing here counts as heard from it.
        """
        count = 0
        with transaction.atomic():
            fields = locked_fields({station.pk})
            for batch in _batches(iter(measurements), ROWS_A_BATCH):
                rows: dict[tuple[int, int, int], float] = {}
                for number, moment_ms, value in batch:
                    rows.setdefault((station.pk, number, moment_ms), value)
                stored = insert_readings(rows)
                settle(fields, {key: rows[key] for key in stored}, {station.pk: station.zone})
                count += len(stored)
        return count

    def delete_station(self, station: Station) -> Iterator[int]:
        """Delete a station with its readings, in transactions of some 10,000: boards report in between.

        Yields how many readings went with each. The station stops being heard first, and goes last.
        """
        Station.objects.filter(pk=station.pk).update(active=False)
        own = self.filter(station=station)
        for field in own.order_by().values_list("field", flat=True).distinct():
            of_field = own.filter(field=field)
            while (edge := _nth_moment(of_field, ROWS_A_DELETE)) is not None:
                yield of_field.filter(measured_at__lt=edge)._raw_delete(self.db)
            yield of_field._raw_delete(self.db)
        for rollup in (Quarter, Day):
            rollup.objects.filter(station=station)._raw_delete(self.db)
        station.delete()


def _nth_moment(readings: models.QuerySet[ReadingT], n: int) -> Any:
    return readings.order_by("measured_at").values_list("measured_at", flat=True)[n : n + 1].first()


def _batches(rows: Iterator[Measurement], size: int) -> Iterator[list[Measurement]]:
    while batch := list(islice(rows, size)):
        yield batch
