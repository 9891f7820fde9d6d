"""Readings as a file."""

from __future__ import annotations

import csv
import json
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
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")  # https://owasp.org/www-community/attacks/CSV_Injection


class ReadingsView(BaseDetailView[Station]):
    """A period's readings as they are stored, a row a moment, sent while they are read."""

    content_type: str
    suffix: str

    def get_queryset(self) -> QuerySet[Station]:
        return Station.objects.visible_to(self.request.user).with_fields()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | StreamingHttpResponse:  # type: ignore[override]
        station = self.get_object()
        form = PeriodForm(request.GET, station=station)
        if not form.is_valid():
            return HttpResponse("\n".join(_sentences(form)), status=400, content_type="text/plain; charset=utf-8")
        period = form.get_period()
        response = StreamingHttpResponse(_chunks(self.lines(station, period)), content_type=self.content_type)
        name = f"{slugify(station.name) or station.pk}-{period.start.astimezone(period.zone):%Y-%m-%d}.{self.suffix}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def lines(self, station: Station, period: Period) -> Iterator[str]:
        raise NotImplementedError


class ReadingsCsvView(ReadingsView):
    """In the form that import_readings takes."""

    content_type = "text/csv; charset=utf-8"
    suffix = "csv"

    def lines(self, station: Station, period: Period) -> Iterator[str]:
        fields = list(station.fields.all())
        writer = csv.writer(_Echo())
        yield writer.writerow([_harmless(title) for title in _titles(fields)])
        for row in _rows(fields, period):
            yield writer.writerow("" if cell is None else cell for cell in row)


class ReadingsJsonView(ReadingsView):
    """`{"columns": [...], "data": [[...], ...]}`: what pandas calls `orient="split"`."""

    content_type = "application/json"
    suffix = "json"

    def lines(self, station: Station, period: Period) -> Iterator[str]:
        fields = list(station.fields.all())
        yield f'{{"columns": {json.dumps(_titles(fields))}, "data": ['
        for index, row in enumerate(_rows(fields, period)):
            yield f"{',' if index else ''}\n{json.dumps(row)}"
        yield "]}\n"


def _sentences(form: PeriodForm) -> list[str]:
    return [f"{name}: {error}" for name, errors in form.errors.items() for error in errors]


class _Echo:
    """A file that hands back what is written: csv.writer formats a line, nothing collects it."""

    def write(self, line: str) -> str:
        return line


def _titles(fields: list[Field]) -> list[str]:
    return ["measured_at", *(f"{field.name} [{field.unit}]" if field.unit else field.name for field in fields)]


def _harmless(title: str) -> str:
    """Keep a spreadsheet from taking a field's name for a formula."""
    return f"'{title}" if title.startswith(FORMULA_SIGNS) else title


def _chunks(lines: Iterator[str]) -> Iterator[str]:
    while chunk := "".join(islice(lines, LINES_A_CHUNK)):
        yield chunk


def _rows(fields: list[Field], period: Period) -> Iterator[list[Any]]:
    """Yield a row a moment. Each field is read in the order of its key and merged: nothing is sorted or held."""
    streams = [_stream(index, field, period.start, period.end) for index, field in enumerate(fields)]
    for moment_ms, same in groupby(merge(*streams), key=itemgetter(0)):
        row: list[Any] = [from_millis(moment_ms).astimezone(period.zone).isoformat(timespec="milliseconds")]
        row += [None] * len(fields)
        for _, index, value in same:
            row[index + 1] = value
        yield row


def _stream(index: int, field: Field, start: datetime, end: datetime) -> Iterable[tuple[int, int, float]]:
    readings = Reading.objects.of(field).between(start, end).order_by("measured_at")
    moments = readings.values_list(Cast("measured_at", BigIntegerField()), "value")
    return ((moment_ms, index, value) for moment_ms, value in moments.iterator(chunk_size=2000))
