"""The JSON API, for programs and for the pages' own scripts."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NoReturn

import msgspec
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from freetemp.conf.api_description import STATIONS
from freetemp.fields import to_millis
from freetemp.http.compression import GZIP_BITS, takes_gzip
from freetemp.prepared import PreparedQuery
from readings.api.serializers import (
    DirectionSeriesSerializer,
    OneStationSerializer,
    PackedDirectionSeriesSerializer,
    PackedSeriesSerializer,
    RowSeriesSerializer,
    SeriesQuery,
    SeriesSerializer,
    StationSerializer,
    SumSeriesSerializer,
    form_of,
    query_in,
)
from readings.calendar.span import Span
from readings.etags import state_of, unless_known, validator
from readings.history.difference import difference, in_unit_of
from readings.history.of_kind import AnySeries, history_of
from readings.history.packing import columns_of, packed, rows_of
from readings.treatment.listing import corrections_of
from stations.access import access_of
from stations.models import Field, Station

described = partial(extend_schema, tags=[STATIONS])


class StationsView(GenericAPIView[Station]):
    """Stations as JSON, or 304 for a client that has their present state: pages ask again and again."""

    needs_no_session = True
    serializer_class: type[StationSerializer] = StationSerializer

    def get_queryset(self) -> QuerySet[Station]:
        return Station.objects.visible_to(self.request.user).with_fields()

    def answer(self, stations: list[Station], *, many: bool) -> HttpResponseBase:
        user = self.request.user
        with_place = [station.shows_place_to(user) for station in stations]
        etag = validator(form_of(self.serializer_class), state_of(stations, timezone.now()), with_place)
        private = not access_of(user).is_public or not all(station.public for station in stations)
        serializer = self.get_serializer(stations if many else stations[0], many=many)
        return unless_known(self.request, etag, private=private, make=lambda: Response(serializer.data))


class StationList(StationsView):
    """Every station with its fields and their newest values."""

    @described(
        responses=StationSerializer(many=True), operation_id="stations_list", summary="All stations, newest values"
    )
    def get(self, request: Request) -> HttpResponseBase:
        return self.answer(list(self.get_queryset()), many=True)


class StationDetail(StationsView):
    """One station with its fields, their newest values, and what these tell together."""

    serializer_class = OneStationSerializer

    @described(summary="One station")
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        return self.answer([self.get_object()], many=False)


class UnknownStation(APIView):
    """Answers 404 as the rest of the API does, for an address without a station's number."""

    schema = None

    def get(self, request: Request, rest: str) -> NoReturn:
        raise NotFound


def _for_series(stations: QuerySet[Station]) -> QuerySet[Station]:
    return stations.only("timezone", "zone_rules", "interval_s", "raw_since")


_PUBLIC_STATION = PreparedQuery(lambda pk: _for_series(Station.objects.visible_to(AnonymousUser())).filter(pk=pk), 1)
_FIELD = PreparedQuery(
    lambda station, number: Field.objects.filter(station=station, number=number).only(
        *("station", "number", "unit", "quantity", "decimals", "smallest", "largest", "is_treated"),
        *("newest_at", "edition"),
    ),
    2,
)
_SHAPES = [
    *(SeriesSerializer, SumSeriesSerializer, DirectionSeriesSerializer),
    *(PackedSeriesSerializer, PackedDirectionSeriesSerializer, RowSeriesSerializer),
]


class SeriesView(GenericAPIView[Station]):
    """A field's history, as raw readings where there are few and as equal buckets where there are many.

    Amounts and counters come as sums of each quarter of an hour, hour, day or month.
    """

    needs_no_session = True
    serializer_class = SeriesSerializer  # type: ignore[assignment]  # the model that is looked up is not the answer

    def get_queryset(self) -> QuerySet[Station]:
        return _for_series(Station.objects.visible_to(self.request.user))

    @described(
        summary="A field's history",
        parameters=[SeriesQuery],
        responses=PolymorphicProxySerializer("AnySeries", _SHAPES, None),
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        station = self._station(pk)
        asked: dict[str, Any] = query_in(station.zone).run_validation(request.query_params)
        field = _FIELD.first(station.pk, asked["field"]) or get_object_or_404(station.fields, number=asked["field"])
        field.station = station
        end = asked.get("end") or timezone.now()
        start = asked.get("start") or end - timedelta(days=1)
        if start >= end:
            raise ValidationError({"start": ["It is not before the end."]})
        found = self._series(field, start, end, asked)
        columns = packed(found, field.decimals) if asked["packed"] else columns_of(found)
        columns = rows_of(columns) if asked["rows"] else columns
        about = {"station": station.pk, "field": field.number, "unit": field.unit, "start": start, "end": end}
        span = Span(to_millis(start), to_millis(end))
        about["corrections"] = corrections_of(field, span) if field.is_treated else []
        return _compact(request, about | columns)

    def _station(self, pk: int) -> Station:
        """Return the station, for the public by the shorter way."""
        public = _PUBLIC_STATION.first(pk) if access_of(self.request.user).is_public else None
        return public or self.get_object()

    def _series(self, field: Field, start: datetime, end: datetime, asked: dict[str, Any]) -> AnySeries:
        """Return the field's own series, or that of its difference from another field, if one is named."""
        if "minus" not in asked:
            return history_of(field, start, end, asked["points"])
        station, _, number = asked["minus"].partition(".")
        seen = Field.objects.filter(station__in=self.get_queryset()).select_related("station")
        other = get_object_or_404(seen, station=station, number=number)
        if in_unit_of(field, other) is None:
            raise ValidationError(
                {"minus": ["It cannot be subtracted from the field: their units are not alike, or they are no levels."]}
            )
        return difference(field, other, start, end, asked["points"])


def _compact(request: Request, content: dict[str, Any]) -> HttpResponse:
    """Answer JSON, compressed here if the client accepts it: the middleware's level takes longer than the database."""
    body = msgspec.json.encode(content)
    is_packed = takes_gzip(request)
    if is_packed:
        body = zlib.compress(body, level=1, wbits=GZIP_BITS)
    response = HttpResponse(body, content_type="application/json")
    if is_packed:
        response["Content-Encoding"] = "gzip"
        patch_vary_headers(response, ["Accept-Encoding"])
    return response
