"""The way into the database: what boards report, and readings whose moments are known already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from math import isfinite
from typing import Any, Self, cast

from django.db import models, transaction

from freetemp.fields import from_millis, to_millis
from readings.commit import group_commit
from readings.group import locked_fields, settle
from readings.models.rollup import Day, Quarter
from readings.querysets import HistoryQuerySet, ReadingT
from readings.rebuild import GoneError, follow, raw_since_ms, rebuild
from readings.reports import Batch, Measurement, Receipt, Sample, SingleValue
from readings.sql import insert_readings
from readings.summaries import Span
from stations.models import Claim, Station

ROWS_A_BATCH = 5_000
ROWS_A_DELETE = 10_000


class IngestQuerySet(HistoryQuerySet[ReadingT]):
    """The readings, and the ways to add to them."""

    def record(self, claim: Claim, field: int, value: float) -> datetime:
        """Store one value that arrives now, and return the moment it was stored under.

        It is durable when this returns. The moment is that of its arrival, or the next free millisecond of the field.
        Raises WrongKeyError, a ReportError or django.db.Error; then nothing was stored.
        """
        return from_millis(cast(int, group_commit.submit(SingleValue(claim, field, value))))

    def record_batch(self, claim: Claim, boot: int | None, samples: list[Sample], trouble: str = "") -> Receipt:
        """Store a report of many readings and return how many were stored, repeated, or rejected and why.

        It is durable when this returns. Raises WrongKeyError, a ReportError or django.db.Error: nothing was stored.
        """
        return cast(Receipt, group_commit.submit(Batch(claim, boot, samples, trouble)))

    def store(self, station: Station, measurements: Iterable[Measurement]) -> int:
        """Store readings of one station and return how many were new: of a repeat, the first value stays.

        All of them or, where this raises, none. Their fields are the station's; nothing here counts as heard from it.
        What is older than the raw readings that a retention left is passed over: it is in the rollups already.
        """
        count = 0
        with transaction.atomic():
            fields = locked_fields({station.pk})
            present = Station.objects.get(pk=station.pk)  # Its zone and retention as they are under the lock.
            oldest_ms = raw_since_ms(present)
            for batch in _batches(iter(measurements), ROWS_A_BATCH):
                rows: dict[tuple[int, int, int], float] = {}
                for number, moment_ms, value in batch:
                    if moment_ms >= oldest_ms:
                        rows.setdefault((station.pk, number, moment_ms), float(value))
                stored = insert_readings(rows)
                settle(fields, {key: rows[key] for key in stored}, {station.pk: present.zone})
                count += len(stored)
        return count

    def correct(self, station: Station, field: int, measured_at: datetime, value: float) -> bool:
        """Change the value of a reading, and all that follows from it. Return whether there was such a reading.

        Raises GoneError for a moment before the raw readings that a retention left.
        """
        if not isfinite(value):
            raise ValueError("a finite number expected")
        moment_ms = to_millis(measured_at)
        with _changing(station, field, Span(moment_ms, moment_ms + 1)):
            own = self.filter(station=station, field=field, measured_at=moment_ms)
            return bool(own.update(value=value))

    def remove(self, station: Station, field: int, start: datetime, end: datetime) -> int:
        """Delete the readings of a field from start on and before end, and all that follows from them. Return how many.

        Raises GoneError for a start before the raw readings that a retention left.
        """
        with _changing(station, field, Span(to_millis(start), to_millis(end))):
            return self.filter(station=station, field=field).between(start, end)._raw_delete(self.db)

    def summarise(self, station: Station, before: datetime) -> Iterator[int]:
        """Delete a station's raw readings before a quarter's start; their rollups stay. In transactions of some 10,000.

        Yields how many readings went with each. From the first on, nothing older is stored, corrected or counted anew.
        """
        rebuild(station, span=Span(0, to_millis(before)))  # The last chance: what is removed proves nothing any more.
        with transaction.atomic():
            locked_fields({station.pk})
            kept_longer = Station.objects.filter(pk=station.pk).exclude(raw_since__gte=before)
            kept_longer.update(raw_since=before)
        yield from self._delete(self.filter(station=station, measured_at__lt=before))

    def delete_station(self, station: Station) -> Iterator[int]:
        """Delete a station with its readings, in transactions of some 10,000: boards report in between.

        Yields how many readings went with each. The station stops being heard first, and goes last.
        """
        Station.objects.filter(pk=station.pk).update(active=False)
        yield from self._delete(self.filter(station=station))
        for rollup in (Quarter, Day):
            rollup.objects.filter(station=station)._raw_delete(self.db)
        station.delete()

    def _delete(self, own: Self) -> Iterator[int]:
        for field in own.order_by().values_list("field", flat=True).distinct():
            of_field = own.filter(field=field)
            while (edge := _nth_moment(of_field, ROWS_A_DELETE)) is not None:
                yield of_field.filter(measured_at__lt=edge)._raw_delete(self.db)
            yield of_field._raw_delete(self.db)


@contextmanager
def _changing(station: Station, field: int, span: Span) -> Iterator[None]:
    """Bring rollups and the newest value in line with what is done inside, in one transaction."""
    with transaction.atomic():
        locked_fields({station.pk})
        if span.start_ms < raw_since_ms(Station.objects.get(pk=station.pk)):
            raise GoneError("older than the readings that are kept: only their summaries are left")
        yield
        follow(station, field, span)


def _nth_moment(readings: models.QuerySet[ReadingT], n: int) -> Any:
    return readings.order_by("measured_at").values_list("measured_at", flat=True)[n : n + 1].first()


def _batches(rows: Iterator[Measurement], size: int) -> Iterator[list[Measurement]]:
    while batch := list(islice(rows, size)):
        yield batch
