"""Changing and removing stored readings, with everything that follows from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from math import isfinite
from typing import Any

from django.db import models, transaction

from audit.deeds import record
from audit.wording import Change
from freetemp.fields import from_millis, to_millis
from freetemp.sql import ROWS_A_STATEMENT
from readings.calendar.span import Span
from readings.models import Day, DirectionDay, DirectionQuarter, Quarter, Reading, ReadingQuerySet, StoredAhead
from readings.rollups import from_raw
from readings.rollups.locks import locked_fields, renew_editions
from readings.rollups.rebuild import GoneError, follow, rebuild
from stations.models import Station
from stations.quantities import Kind

ROWS_A_DELETE = 10_000


def correct(station: Station, field: int, measured_at: datetime, value: float) -> bool:
    """Change the value of a reading, and everything that follows from it. Return whether there was such a reading.

    Raises GoneError for a moment whose raw readings a retention has removed.
    """
    if not isfinite(value):
        raise ValueError("a finite number expected")
    moment_ms = to_millis(measured_at)
    with _changing(station, field, Span(moment_ms, moment_ms + 1)):
        readings = Reading.objects.filter(station=station, field=field, measured_at=moment_ms)
        before = readings.values_list("value", flat=True).first()
        if before is not None:
            changed = {"field": field, "measured at": measured_at, "value": Change(before, value)}
            record("reading corrected", station=station, details=changed)
        return bool(readings.update(value=value))


def remove(station: Station, field: int, start: datetime, end: datetime) -> int:
    """Delete a field's readings from start until just before end, and what follows from them. Return how many.

    Raises GoneError for a start whose raw readings a retention has removed.
    """
    span = Span(to_millis(start), to_millis(end))
    with _changing(station, field, span):
        _forget_ahead(station, field, lambda moment_ms: span.start_ms <= moment_ms < span.end_ms)
        count = _delete_rows(Reading.objects.filter(station=station, field=field).between(start, end))
        return _removed(station, field, count, span)


def remove_each(station: Station, field: int, moments_ms: Sequence[int]) -> int:
    """Delete a field's readings of these moments, in order of time, and what follows from them. Return how many.

    Raises GoneError for a moment whose raw readings a retention has removed.
    """
    readings = Reading.objects.filter(station=station, field=field)
    with _changing(station, field, Span(moments_ms[0], moments_ms[-1] + 1)):
        _forget_ahead(station, field, set(moments_ms).__contains__)
        parts = (moments_ms[at : at + ROWS_A_STATEMENT] for at in range(0, len(moments_ms), ROWS_A_STATEMENT))
        count = sum(_delete_rows(readings.filter(measured_at__in=part)) for part in parts)
        return _removed(station, field, count, Span(moments_ms[0], moments_ms[-1] + 1))


def _removed(station: Station, field: int, count: int, span: Span) -> int:
    """Write down that readings were removed, and return how many. Each transaction of a removal has its own event."""
    if count:
        last = from_millis(span.end_ms - 1)
        told = {"field": field, "readings": count, "from": from_millis(span.start_ms), "to": last}
        record("readings removed", station=station, details=told)
    return count


def _forget_ahead(station: Station, field: int, is_gone: Callable[[int], bool]) -> None:
    noted = StoredAhead.objects.filter(station=station).first()
    if noted:
        noted.forget(field, is_gone)


def summarise(station: Station, before: datetime) -> Iterator[int]:
    """Delete a station's raw readings before a quarter's start, some 10,000 per transaction; their rollups stay.

    Yields the number of deleted readings of each transaction. Once it begins, no older reading is stored, corrected or
    counted again. Of a counter, the last of them stays: the next one counts from it.
    """
    rebuild(station, span=Span(0, to_millis(before)))  # The last chance: removed readings cannot be compared any more.
    with transaction.atomic():
        fields = locked_fields({station.pk})
        kept_longer = Station.objects.filter(pk=station.pk).exclude(raw_since__gte=before)
        if kept_longer.update(raw_since=before):
            record("old raw readings removed", station=station, details={"before": before})
    gone = Reading.objects.filter(station=station, measured_at__lt=before)
    for field in fields.values():
        if field.kind is Kind.COUNTER and (last := from_raw.last_before(field, to_millis(before))):
            gone = gone.exclude(field=field.number, measured_at=last[0])
    yield from _delete(station, gone)


def delete_station(station: Station) -> Iterator[int]:
    """Delete a station with its readings, some 10,000 per transaction, so that boards can report in between.

    Yields the number of deleted readings of each transaction. The station is first deactivated, and is deleted last.
    """
    Station.objects.filter(pk=station.pk).set_active(False)
    yield from _delete(station, Reading.objects.filter(station=station))
    for rollup in (Quarter, Day, DirectionQuarter, DirectionDay):
        _delete_rows(rollup.objects.filter(station=station))
    with transaction.atomic():
        record("station deleted", station=station, of=station)
        station.delete()


@contextmanager
def _changing(station: Station, field: int, span: Span) -> Iterator[None]:
    """Bring rollups and the newest value in line with the changes made inside, in one transaction."""
    with transaction.atomic():
        fields = locked_fields({station.pk})
        lag_ms = fields[station.pk, field].lag_ms if (station.pk, field) in fields else 0
        if span.start_ms - lag_ms < Station.objects.get(pk=station.pk).raw_since_ms:
            raise GoneError("older than the readings that are kept: only their summaries are left")
        yield
        follow(station, field, span)


def _delete(station: Station, readings: ReadingQuerySet) -> Iterator[int]:
    for field in readings.order_by().values_list("field", flat=True).distinct():
        of_field = readings.filter(field=field)
        while (edge := _nth_moment(of_field, ROWS_A_DELETE)) is not None:
            yield _delete_part(station, of_field.filter(measured_at__lt=edge))
        yield _delete_part(station, of_field)


def _delete_part(station: Station, readings: ReadingQuerySet) -> int:
    with transaction.atomic():
        locked_fields({station.pk})
        renew_editions(station.pk)
        return _delete_rows(readings)


def _nth_moment(readings: ReadingQuerySet, n: int) -> Any:
    return readings.order_by("measured_at").values_list("measured_at", flat=True)[n : n + 1].first()


def _delete_rows(rows: models.QuerySet[Any]) -> int:
    """Delete rows in one statement. delete() would first read them to look for references to them: there are none."""
    return rows._raw_delete(rows.db)
