"""What the description for machines says of the boards' batches, which are served by a URLconf of their own.

The shapes are for readers only: readings/ingest/batch_json.py decides what a report is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.authentication import BasicAuthentication
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from freetemp.http.board_requests import BATCHES
from readings.ingest.batch_json import MOST_BOOT, MOST_READINGS, MOST_SEQ
from stations.models.station import MOST_OF_A_TROUBLE

Endpoint = tuple[str, str, str, Callable[..., Any]]  # path, path as a regular expression, method, view


class SampleSerializer(serializers.Serializer[Any]):
    """A reading. Exactly one of `at` and `age`; `seq` beside a `boot` and not without."""

    seq = serializers.IntegerField(required=False, min_value=0, max_value=MOST_SEQ, help_text="Counts up in a boot.")
    field = serializers.IntegerField(help_text="The station's field by its number.")
    value = serializers.FloatField(help_text="In the field's unit.")
    at = serializers.FloatField(required=False, help_text="Unix seconds.")
    age = serializers.FloatField(required=False, min_value=0, help_text="Seconds before now.")


class ReportSerializer(serializers.Serializer[Any]):
    """Readings of one boot in the order of `seq`; or, without `boot` and `seq`, readings that all have `at`."""

    boot = serializers.IntegerField(
        required=False, min_value=0, max_value=MOST_BOOT, help_text="Drawn at random when a board starts to count."
    )
    readings = serializers.ListField(child=SampleSerializer(), max_length=MOST_READINGS)
    trouble = serializers.CharField(
        required=False, allow_blank=True, max_length=MOST_OF_A_TROUBLE, help_text="What is wrong with the board."
    )


class RejectionSerializer(serializers.Serializer[Any]):
    """A reading that can never be stored as it is."""

    seq = serializers.IntegerField(allow_null=True)
    code = serializers.ChoiceField(choices=["field", "value", "old", "clock"])
    reason = serializers.CharField()


class ReceiptSerializer(serializers.Serializer[Any]):
    """Every reading of the report was stored, was there already, or is rejected."""

    stored = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    rejected = RejectionSerializer(many=True)
    ack = serializers.IntegerField(allow_null=True, help_text="The report's highest seq.")
    time = serializers.IntegerField(help_text="The server's clock, in Unix seconds.")


def _line(description: str) -> OpenApiResponse:
    return OpenApiResponse(OpenApiTypes.STR, f"Nothing is stored: {description}.")


class BatchDescription(APIView):
    """Stands for readings.ingest.views in the description. It is at no address."""

    authentication_classes = [BasicAuthentication]
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="readings_create",
        description="Store many readings. The user is the station's MAC as twelve hex digits, the password its key.",
        tags=["readings"],
        request=ReportSerializer,
        responses={
            (200, "application/json"): ReceiptSerializer,
            (400, "text/plain"): _line("it is no such report"),
            (403, "text/plain"): _line("an unknown station or key"),
            (413, "text/plain"): _line("it is too large"),
            (429, "text/plain"): _line("too many wrong keys"),
            (503, "text/plain"): _line("the database cannot take it now"),
        },
    )
    def post(self, request: Request) -> Response:
        raise NotImplementedError


def with_batches(endpoints: list[Endpoint], **kwargs: Any) -> list[Endpoint]:
    """Add the boards' batches to what the generator found: a PREPROCESSING_HOOK of drf-spectacular."""
    return [*endpoints, (BATCHES, BATCHES, "POST", BatchDescription.as_view())]
