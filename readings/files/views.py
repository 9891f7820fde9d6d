"""Downloads of readings as files."""

from __future__ import annotations

import weakref
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.generic.detail import BaseDetailView

from freetemp.fields import MILLISECOND, from_millis
from freetemp.http.compression import GZIP_BITS, takes_gzip
from freetemp.http.proxies import client_network
from readings.calendar.periods import Period
from readings.display.period_form import PeriodForm
from readings.files import csv_json, xlsx
from readings.files.places import places
from readings.files.rows import with_raw
from readings.models import Reading
from stations.models import Field, Station

RETRY_AFTER_S = 60


class ReadingsView(BaseDetailView[Station]):
    """A period's readings, one row per moment, sent while they are read.

    They come as they count, and with `raw=1` beside it as they were measured.
    """

    content_type: str
    suffix: str

    def get_queryset(self) -> Any:
        return Station.objects.visible_to(self.request.user).with_fields()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | StreamingHttpResponse:  # type: ignore[override]
        station = self.get_object()
        form = PeriodForm(request.GET, station=station)
        if not form.is_valid():
            return _line("\n".join(form.sentences), status=400)
        period, fields = form.get_period(), list(station.fields.all())
        if period.kind == "all":
            period = _with_the_last(period, station)
        if (raw := request.GET.get("raw", "0")) not in ("0", "1"):
            return _line("raw: 1 expected", status=400)
        if raw == "1":
            period, fields = _with_the_first(period, station), with_raw(fields)
        parts = self.parts(fields, period)
        if not places.take(client_network(request.META)):
            text = _("Too many files are being downloaded: try again in a minute.")
            return _line(text, 503, {"Retry-After": RETRY_AFTER_S})
        response = self.send(parts)
        response["Content-Disposition"] = f'attachment; filename="{_name(station, period)}.{self.suffix}"'
        return response

    def send(self, parts: Iterator[Any]) -> StreamingHttpResponse:
        is_asked = self.request.method != "HEAD"
        return StreamingHttpResponse(
            _InPlace(parts if is_asked else iter(()), client_network(self.request.META)), content_type=self.content_type
        )

    def parts(self, fields: list[Field], period: Period) -> Iterator[str] | Iterator[bytes]:
        raise NotImplementedError


class TextView(ReadingsView):
    """A text file, compressed if the client accepts it: the middleware's level would take longer than all the rest."""

    def send(self, parts: Iterator[Any]) -> StreamingHttpResponse:
        accepted = takes_gzip(self.request)
        response = super().send(_packed(parts) if accepted else parts)
        if accepted:
            response["Content-Encoding"] = "gzip"
        patch_vary_headers(response, ["Accept-Encoding"])
        return response


class ReadingsCsvView(TextView):
    """A CSV file in the form that import_readings reads."""

    content_type = "text/csv; charset=utf-8"
    suffix = "csv"

    def parts(self, fields: list[Field], period: Period) -> Iterator[str]:
        return csv_json.csv_file(fields, period)


class ReadingsJsonView(TextView):
    content_type = "application/json"
    suffix = "json"

    def parts(self, fields: list[Field], period: Period) -> Iterator[str]:
        return csv_json.json_file(fields, period)


class ReadingsSpreadsheetView(ReadingsView):
    content_type = xlsx.CONTENT_TYPE
    suffix = "xlsx"

    def parts(self, fields: list[Field], period: Period) -> Iterator[bytes]:
        return xlsx.workbook(fields, period)


class _InPlace:
    """Parts of a file. Their place is free when all are sent, when the client goes away, or when they are garbage."""

    def __init__(self, parts: Iterator[Any], network: str) -> None:
        self._parts = parts
        self.close = weakref.finalize(self, places.free, network)  # The response calls it; it frees only once.

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return next(self._parts)


def _packed(parts: Iterable[str]) -> Iterator[bytes]:
    packer = zlib.compressobj(level=1, wbits=GZIP_BITS)
    for part in parts:
        yield packer.compress(part.encode())
    yield packer.flush()


def _line(text: str, status: int, headers: dict[str, Any] | None = None) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8", headers=headers)


def _with_the_last(period: Period, station: Station) -> Period:
    """Return a period that goes on to the last reading, even if a clock has dated it ahead: pages end with now."""
    last_ms = Reading.objects.last_ms(station, [field.number for field in station.fields.all()])
    if last_ms is None:
        return period
    day = Period.containing(from_millis(last_ms).astimezone(period.zone).date(), "day", period.zone)
    return replace(period, end=max(period.end, day.end))


def _with_the_first(period: Period, station: Station) -> Period:
    """Return a period of all readings that begins with the first one, be it set aside."""
    first_ms = Reading.objects.first_ms(station, [field.number for field in station.fields.all()])
    if first_ms is None or period.kind != "all":
        return period
    day = Period.containing(from_millis(first_ms).astimezone(period.zone).date(), "day", period.zone)
    return replace(period, start=min(period.start, day.start))


def _name(station: Station, period: Period) -> str:
    """Return a file's name. It has the day, or the first and last day of a longer period."""
    first, last = (f"{moment.astimezone(period.zone):%Y-%m-%d}" for moment in (period.start, period.end - MILLISECOND))
    return "-".join([slugify(station.name) or str(station.pk), first, *(["to", last] if last != first else [])])
