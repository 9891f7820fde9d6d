"""The way into the database: the value that a board reports, and readings whose moments are known already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count, islice
from typing import Any, NamedTuple

from django.db import connections, models, router, transaction
from django.utils import timezone

from freetemp.fields import from_millis, to_millis
from readings.querysets import HistoryQuerySet, ReadingT
from readings.throttle import admit
from stations.models import Field, Key, Station

# Two workers may commit in another order than they looked at the clock, and NTP sets it back by fractions of a second.
CLOCK_SLACK = timedelta(seconds=5)
ROWS_A_STATEMENT = 500
ROWS_A_DELETE = 10_000


class UnknownFieldError(ValueError):
    """The station has no field with this number."""


class TooOftenError(Exception):
    """A field reports far more often than its station's interval."""

    def __init__(self, wait_ms: int) -> None:
        super().__init__(f"too often: wait {-(-wait_ms // 1000)} s")
        self.wait_s = -(-wait_ms // 1000)


class ClockBehindError(Exception):
    """The server's clock is behind its newest stored arrival: a Raspberry Pi that has just booted, in the past."""


class Measurement(NamedTuple):
    """A value of one field, in its unit, with the moment of its measurement in Unix milliseconds."""

    field: int
    measured_at_ms: int
    value: float


class IngestQuerySet(HistoryQuerySet[ReadingT]):
    """The readings, and the two ways to add to them."""

    def record(self, key: Key, field: int, value: float) -> datetime:
        """Store one value that arrives now with a station's key, and return the moment it was stored under.

        It is durable when this returns. The moment is that of its arrival, or the next free millisecond of the field.
        Raises UnknownFieldError, TooOftenError or ClockBehindError; then nothing was stored.
        """
        with transaction.atomic():
            row = Field.objects.select_for_update().filter(station_id=key.station_id, number=field).first()
            if row is None:
                raise UnknownFieldError(f"this station has no field {field}")
            arrived_at = _arrival()
            now_ms = to_millis(arrived_at)
            empty_at_ms = to_millis(row.bucket_empty_at) if row.bucket_empty_at else 0
            empty_at_ms, wait_ms = admit(empty_at_ms, now_ms, key.station.interval_s)
            if wait_ms:
                raise TooOftenError(wait_ms)
            moment_ms = next(ms for ms in count(now_ms) if self._insert(key.station_id, [(field, ms, value)]))
            key.take_over(arrived_at)
            Station.objects.filter(pk=key.station_id).update(last_heard_at=arrived_at)
            Field.objects.filter(pk=row.pk).update(bucket_empty_at=empty_at_ms)
            _advance(key.station_id, [Measurement(field, moment_ms, value)])
        return from_millis(moment_ms)

    def store(self, station: Station, measurements: Iterable[Measurement]) -> int:
        """Store readings of one station and return how many were new: of a repeat, the first value stays.

        All of them or, where this raises, none. Their fields are the station's; nothing here counts as heard from it.
        """
        stored: list[Measurement] = []
        with transaction.atomic():
            for batch in _batches(iter(measurements), ROWS_A_STATEMENT):
                stored += self._insert(station.pk, batch)
            _advance(station.pk, stored)
        return len(stored)

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
        station.delete()

    def _insert(self, station_id: int, rows: Sequence[tuple[int, int, float]]) -> list[Measurement]:
        """Insert rows and return those that were not there: what Django's ignore_conflicts does not tell."""
        table = self.model._meta.db_table
        places = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
        parameters = [part for field, at_ms, value in rows for part in (station_id, field, at_ms, value)]
        with connections[router.db_for_write(self.model)].cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (station_id, field, measured_at, value) VALUES {places}"  # noqa: S608 - our names
                " ON CONFLICT DO NOTHING RETURNING field, measured_at, value",
                parameters,
            )
            return [Measurement(*row) for row in cursor.fetchall()]


def _nth_moment(readings: models.QuerySet[ReadingT], n: int) -> Any:
    return readings.order_by("measured_at").values_list("measured_at", flat=True)[n : n + 1].first()


def _arrival() -> datetime:
    """Return this moment, unless the clock is behind what it said before."""
    now = timezone.now()
    newest = Station.objects.newest_arrival()
    if newest is not None and now < newest - CLOCK_SLACK:
        raise ClockBehindError("the server's clock is behind")
    return now


def _advance(station_id: int, stored: Iterable[Measurement]) -> None:
    """Write the newest of what was stored to its field, where it is newer: a late reading is not the latest."""
    newest = {each.field: each for each in sorted(stored, key=lambda each: each.measured_at_ms)}
    for each in newest.values():
        older = models.Q(newest_at=None) | models.Q(newest_at__lt=each.measured_at_ms)
        field = Field.objects.filter(older, station_id=station_id, number=each.field)
        field.update(newest_at=each.measured_at_ms, newest_value=each.value)


def _batches(rows: Iterator[Measurement], size: int) -> Iterator[list[Measurement]]:
    while batch := list(islice(rows, size)):
        yield batch
