"""Readings as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from django.db.models import BigIntegerField, QuerySet
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.text import slugify
from django.views.generic.detail import BaseDetailView

from freetemp.fields import from_millis
from readings.forms import PeriodForm
from readings.models import Reading
from readings.periods import Period
from stations.models import Field, Station

LINES_A_CHUNK = 500


class ReadingsCsvView(BaseDetailView[Station]):
    """A period's readings as they are stored, one line a moment, in the form that import_readings takes."""

    def get_queryset(self) -> QuerySet[Station]:
        return Station.objects.visible_to(self.request.user).with_fields()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | StreamingHttpResponse:  # type: ignore[override]
        station = self.get_object()
        form = PeriodForm(request.GET, station=station)
        if not form.is_valid():
            return HttpResponse("\n".join(_sentences(form)), status=400, content_type="text/plain; charset=utf-8")
        period = form.get_period()
        response = StreamingHttpResponse(_chunks(station, period), content_type="text/csv; charset=utf-8")
        name = f"{slugify(station.name) or station.pk}-{period.start.astimezone(period.zone):%Y-%m-%d}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _sentences(form: PeriodForm) -> list[str]:
    return [f"{name}: {error}" for name, errors in form.errors.items() for error in errors]


class _Echo:
    """A file that hands back what is written: csv.writer formats a line, nothing collects it."""

    def write(self, line: str) -> str:
        return line


def _chunks(station: Station, period: Period) -> Iterator[str]:
    fields = list(station.fields.all())
    writer = csv.writer(_Echo())
    header = ["measured_at", *(f"{field.name} [{field.unit}]" if field.unit else field.name for field in fields)]
    lines = (writer.writerow(row) for row in _rows(fields, period))
    yield writer.writerow(header)
    while chunk := "".join(islice(lines, LINES_A_CHUNK)):
        yield chunk


def _rows(fields: list[Field], period: Period) -> Iterator[list[Any]]:
    """Yield a row a moment. Each field is read in the order of its key and merged: nothing is sorted or held."""
    streams = [_stream(index, field, period.start, period.end) for index, field in enumerate(fields)]
    for moment_ms, same in groupby(merge(*streams), key=itemgetter(0)):
        row: list[Any] = [from_millis(moment_ms).astimezone(period.zone).isoformat(timespec="milliseconds")]
        row += [""] * len(fields)
        for _, index, value in same:
            row[index + 1] = value
        yield row


def _stream(index: int, field: Field, start: datetime, end: datetime) -> Iterable[tuple[int, int, float]]:
    readings = Reading.objects.of(field).between(start, end).order_by("measured_at")
    moments = readings.values_list(Cast("measured_at", BigIntegerField()), "value")
    return ((moment_ms, index, value) for moment_ms, value in moments.iterator(chunk_size=2000))
