"""Changing and removing readings that are stored, with all that follows from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from math import isfinite
from typing import Any

from django.db import models, transaction

from freetemp.fields import to_millis
from readings.calendar.span import Span
from readings.models import Day, Quarter, Reading, ReadingQuerySet
from readings.rollups.locks import locked_fields
from readings.rollups.rebuild import GoneError, follow, rebuild
from stations.models import Station

ROWS_A_DELETE = 10_000


def correct(station: Station, field: int, measured_at: datetime, value: float) -> bool:
    """Change the value of a reading, and all that follows from it. Return whether there was such a reading.

    Raises GoneError for a moment before the raw readings that a retention left.
    """
    if not isfinite(value):
        raise ValueError("a finite number expected")
    moment_ms = to_millis(measured_at)
    with _changing(station, field, Span(moment_ms, moment_ms + 1)):
        own = Reading.objects.filter(station=station, field=field, measured_at=moment_ms)
        return bool(own.update(value=value))


def remove(station: Station, field: int, start: datetime, end: datetime) -> int:
    """Delete the readings of a field from start on and before end, and all that follows from them. Return how many.

    Raises GoneError for a start before the raw readings that a retention left.
    """
    with _changing(station, field, Span(to_millis(start), to_millis(end))):
        return _delete_rows(Reading.objects.filter(station=station, field=field).between(start, end))


def summarise(station: Station, before: datetime) -> Iterator[int]:
    """Delete a station's raw readings before a quarter's start; their rollups stay. In transactions of some 10,000.

    Yields how many readings went with each. From the first on, nothing older is stored, corrected or counted anew.
    """
    rebuild(station, span=Span(0, to_millis(before)))  # The last chance: what is removed proves nothing any more.
    with transaction.atomic():
        locked_fields({station.pk})
        kept_longer = Station.objects.filter(pk=station.pk).exclude(raw_since__gte=before)
        kept_longer.update(raw_since=before)
    yield from _delete(Reading.objects.filter(station=station, measured_at__lt=before))


def delete_station(station: Station) -> Iterator[int]:
    """Delete a station with its readings, in transactions of some 10,000: boards report in between.

    Yields how many readings went with each. The station stops being heard first, and goes last.
    """
    Station.objects.filter(pk=station.pk).update(active=False)
    yield from _delete(Reading.objects.filter(station=station))
    for rollup in (Quarter, Day):
        _delete_rows(rollup.objects.filter(station=station))
    station.delete()


@contextmanager
def _changing(station: Station, field: int, span: Span) -> Iterator[None]:
    """Bring rollups and the newest value in line with what is done inside, in one transaction."""
    with transaction.atomic():
        locked_fields({station.pk})
        if span.start_ms < Station.objects.get(pk=station.pk).raw_since_ms:
            raise GoneError("older than the readings that are kept: only their summaries are left")
        yield
        follow(station, field, span)


def _delete(own: ReadingQuerySet) -> Iterator[int]:
    for field in own.order_by().values_list("field", flat=True).distinct():
        of_field = own.filter(field=field)
        while (edge := _nth_moment(of_field, ROWS_A_DELETE)) is not None:
            yield _delete_rows(of_field.filter(measured_at__lt=edge))
        yield _delete_rows(of_field)


def _nth_moment(readings: ReadingQuerySet, n: int) -> Any:
    return readings.order_by("measured_at").values_list("measured_at", flat=True)[n : n + 1].first()


def _delete_rows(rows: models.QuerySet[Any]) -> int:
    """Delete rows in one statement. delete() would read them first, to look for what refers to them: nothing does."""
    return rows._raw_delete(rows.db)
