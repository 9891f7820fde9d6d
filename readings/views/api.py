"""What programs read, the pages' own among them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from readings.api_serializers import SeriesQuery, SeriesSerializer, StationSerializer
from readings.series import series
from stations.models import Station


class StationList(ListAPIView[Station]):
    """Every station with its fields and their newest values."""

    serializer_class = StationSerializer

    def get_queryset(self) -> QuerySet[Station]:
        return Station.objects.visible_to(self.request.user).with_fields()


class StationDetail(RetrieveAPIView[Station]):
    """One station with its fields and their newest values."""

    serializer_class = StationSerializer

    def get_queryset(self) -> QuerySet[Station]:
        return Station.objects.visible_to(self.request.user).with_fields()


class SeriesView(GenericAPIView[Station]):
    """A field's history, as raw readings where there are few and as equal buckets where there are many."""

    serializer_class = SeriesSerializer  # type: ignore[assignment]  # what is looked up is not what is answered

    def get_queryset(self) -> QuerySet[Station]:
        return Station.objects.visible_to(self.request.user)

    @extend_schema(parameters=[SeriesQuery])
    def get(self, request: Request, pk: int) -> Response:
        station = self.get_object()
        query = SeriesQuery(data=request.query_params, context={"zone": station.zone})
        query.is_valid(raise_exception=True)
        asked: dict[str, Any] = query.validated_data
        field = get_object_or_404(station.fields.select_related("station"), number=asked["field"])
        end = asked.get("end") or timezone.now()
        start = asked.get("start") or end - timedelta(days=1)
        if start >= end:
            raise ValidationError({"start": ["It is not before the end."]})
        return Response(
            {"station": station.pk, "field": field.number, "unit": field.unit, "start": start, "end": end}
            | asdict(series(field, start, end, asked["points"]))
        )
