"""The boards' addresses in the description for machines.

The shapes are only documentation: parsing.py and batch_json.py decide what a report is.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from freetemp.conf.api_description import BOARDS
from readings.ingest.batch_json import MOST_BOOT, MOST_READINGS, MOST_SEQ
from readings.ingest.board_json import LIMITS
from stations.authentication import BasicKeyAuthentication
from stations.models.station import MOST_OF_A_TROUBLE, MOST_OF_A_VERSION


def _limits(name: str) -> dict[str, Any]:
    least, most = LIMITS[name]
    return {"min_value": least, "max_value": most}


class SampleSerializer(serializers.Serializer[Any]):
    """A reading. Exactly one of `at` and `age`; `seq` beside a `boot` and not without."""

    seq = serializers.IntegerField(required=False, min_value=0, max_value=MOST_SEQ, help_text="Counts up in a boot.")
    field = serializers.IntegerField(help_text="The station's field by its number.")
    value = serializers.FloatField(help_text="In the field's unit.")
    at = serializers.FloatField(required=False, help_text="Unix seconds.")
    age = serializers.FloatField(required=False, min_value=0, help_text="Seconds before now.")


class BoardSerializer(serializers.Serializer[Any]):
    """How the board is. Each part is optional; one that is wrong is left out, and the report is stored."""

    start = serializers.IntegerField(
        required=False, help_text="The number of this start within the boot.", **_limits("start")
    )
    reset = serializers.IntegerField(
        required=False, **_limits("reset"), help_text="The cause of this start, as machine.reset_cause() has it."
    )
    up = serializers.IntegerField(required=False, **_limits("up"), help_text="Seconds since this start.")
    rssi = serializers.IntegerField(required=False, **_limits("rssi"), help_text="The WiFi's signal in dBm.")
    voltage = serializers.FloatField(required=False, **_limits("voltage"), help_text="Volts of its supply or battery.")
    heap = serializers.IntegerField(required=False, **_limits("heap"), help_text="Free bytes of memory.")
    failed = serializers.IntegerField(
        required=False, **_limits("failed"), help_text="Reports in vain since the last one that was taken."
    )


class ReportSerializer(serializers.Serializer[Any]):
    """Readings of one boot in the order of `seq`; or, without `boot` and `seq`, readings that all have `at`."""

    boot = serializers.IntegerField(
        required=False, min_value=0, max_value=MOST_BOOT, help_text="Drawn at random when a board starts to count."
    )
    readings = serializers.ListField(child=SampleSerializer(), max_length=MOST_READINGS)
    trouble = serializers.CharField(
        required=False, allow_blank=True, max_length=MOST_OF_A_TROUBLE, help_text="What is wrong with the board."
    )
    firmware = serializers.CharField(
        required=False, allow_blank=True, max_length=MOST_OF_A_VERSION, help_text="The version of the board's program."
    )
    board = BoardSerializer(required=False, help_text="How the board is, beside `boot`.")


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


def _part(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.PATH, description=description)


class BasicKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes BasicKeyAuthentication to programs."""

    target_class = BasicKeyAuthentication
    name = "basicAuth"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "basic"}


_REFUSALS = {
    (403, "text/plain"): _line("an unknown station or key"),
    (429, "text/plain"): _line("too many wrong keys, or a field far over its interval"),
    (503, "text/plain"): _line("the database cannot take it now, or the server's clock is wrong"),
}

describe_update = extend_schema(
    operation_id="update",
    description="Store one value, measured now. OpenAPI has no security scheme for a key in a path.",
    summary="Report one value",
    tags=[BOARDS],
    auth=[],
    parameters=[
        _part("key", "The station's key."),
        _part("mac", "The board's MAC address: six hex pairs."),
        _part("field", "The station's field by its number."),
        _part("data", "A finite decimal number in the field's unit."),
    ],
    responses={
        (200, "text/plain"): OpenApiResponse(OpenApiTypes.STR, "OK: it is stored."),
        (400, "text/plain"): _line("it says what is wrong with which part"),
        **_REFUSALS,
    },
)

describe_batch = extend_schema(
    operation_id="readings_create",
    description="Store many readings. The user is the station's MAC as twelve hex digits, the password its key.",
    summary="Report many readings",
    tags=[BOARDS],
    request={"application/json": ReportSerializer},
    responses={
        (200, "application/json"): ReceiptSerializer,
        (400, "text/plain"): _line("it is no such report"),
        (413, "text/plain"): _line("it is too large"),
        **_REFUSALS,
    },
)
