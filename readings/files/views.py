"""Downloads of readings as files."""

from __future__ import annotations

import weakref
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_vary_headers
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.generic import View

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


class ReadingsView(View):
    """A period's readings, one row per moment, sent while they are read.

    They come as they count, and with `raw=1` beside it as they were measured.
    """

    content_type: str
    suffix: str

    def asked(self, **kwargs: Any) -> tuple[PeriodForm, list[Field], str]:
        """Return the form of the period, the fields of the columns, and a name for the file. Raise Http404."""
        station = get_object_or_404(Station.objects.visible_to(self.request.user).with_fields(), pk=kwargs["pk"])
        name = slugify(station.name) or str(station.pk)
        return PeriodForm(self.request.GET, station=station), list(station.fields.all()), name

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | StreamingHttpResponse:
        form, fields, name = self.asked(**kwargs)
        if not form.is_valid():
            return line("\n".join(form.sentences), status=400)
        period = form.get_period()
        if period.kind == "all":
            period = _with_the_last(period, fields)
        if (raw := request.GET.get("raw", "0")) not in ("0", "1"):
            return line("raw: 1 expected", status=400)
        if raw == "1":
            period, fields = _with_the_first(period, fields), with_raw(fields)
        parts = self.parts(fields, period)
        if not places.take(client_network(request.META)):
            text = _("Too many files are being downloaded: try again in a minute.")
            return line(text, 503, {"Retry-After": RETRY_AFTER_S})
        response = self.send(parts)
        response["Content-Disposition"] = f'attachment; filename="{name}-{_days(period)}.{self.suffix}"'
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


def line(text: str, status: int, headers: dict[str, Any] | None = None) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8", headers=headers)


def _with_the_last(period: Period, fields: Collection[Field]) -> Period:
    """Return a period that goes on to the last reading, even if a clock has dated it ahead: pages end with now."""
    lasts_ms = _edges_ms(Reading.objects.last_ms, fields)
    if not lasts_ms:
        return period
    day = Period.containing(from_millis(max(lasts_ms)).astimezone(period.zone).date(), "day", period.zone)
    return replace(period, end=max(period.end, day.end))


def _with_the_first(period: Period, fields: Collection[Field]) -> Period:
    """Return a period of all readings that begins with the first one, be it set aside."""
    firsts_ms = _edges_ms(Reading.objects.first_ms, fields)
    if not firsts_ms or period.kind != "all":
        return period
    day = Period.containing(from_millis(min(firsts_ms)).astimezone(period.zone).date(), "day", period.zone)
    return replace(period, start=min(period.start, day.start))


def _edges_ms(edge_of: Callable[[Station, Collection[int]], int | None], fields: Collection[Field]) -> list[int]:
    """Return the first or last moment of the fields of each station that has readings of them."""
    numbers: dict[Station, list[int]] = {}
    for field in fields:
        numbers.setdefault(field.station, []).append(field.number)
    edges = [edge_of(station, own) for station, own in numbers.items()]
    return [edge_ms for edge_ms in edges if edge_ms is not None]


def _days(period: Period) -> str:
    """Return the day of a file's name, or the first and last day of a longer period."""
    first, last = (f"{moment.astimezone(period.zone):%Y-%m-%d}" for moment in (period.start, period.end - MILLISECOND))
    return "-".join([first, *(["to", last] if last != first else [])])
