"""The shapes of the JSON API."""

from __future__ import annotations

from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from readings.calendar.local_time import parse_moment
from readings.derived.figures import derived
from readings.history.directions import DirectionSeries
from readings.history.sums import SumSeries
from readings.history.trend import trends
from readings.models.set_aside import Reason
from stations.models import Field, Station
from stations.models.field import MAX_NUMBER
from stations.models.status import Status


class NewestSerializer(serializers.Serializer[Field]):
    """A field's newest value: the one that was measured last."""

    value = serializers.FloatField(source="newest_value")
    at = serializers.DateTimeField(source="newest_at")
    plausible = serializers.SerializerMethodField(help_text="Within the limits that staff set for the field.")

    def get_plausible(self, field: Field) -> bool:
        return field.newest_value is not None and field.is_plausible(field.newest_value)


class FieldSerializer(serializers.ModelSerializer[Field]):
    newest = serializers.SerializerMethodField()
    corrected = serializers.BooleanField(
        source="is_treated", read_only=True, help_text="Some of its readings are set aside or calibrated."
    )

    class Meta:
        model = Field
        fields = ["number", "name", "quantity", "unit", "decimals", "smallest", "largest", "corrected", "newest"]

    @extend_schema_field(NewestSerializer(allow_null=True))
    def get_newest(self, field: Field) -> dict[str, Any] | None:
        return None if field.newest_at is None else NewestSerializer(field).data


class MaintenanceSerializer(serializers.Serializer[Station]):
    """While it runs, readings are stored and set aside."""

    since = serializers.DateTimeField(source="maintenance_since")
    until = serializers.DateTimeField(
        source="maintenance_until", allow_null=True, help_text="Null: until further notice."
    )


class StationSerializer(serializers.ModelSerializer[Station]):
    """A station. Its coordinates are for staff and members of its groups, unless it is shown on the map."""

    status = serializers.ChoiceField(choices=Status.values, read_only=True)
    last_heard_at = serializers.DateTimeField(read_only=True, allow_null=True)
    maintenance = serializers.SerializerMethodField()

    class Meta:
        model = Station
        fields = [
            *("id", "name", "place", "latitude", "longitude", "elevation_m", "timezone", "interval_s", "simulated"),
            *("status", "last_heard_at", "maintenance"),
        ]

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add the field that cannot be declared: in a class body, `fields` belongs to the serializer."""
        return super().get_fields() | {"fields": FieldSerializer(many=True, read_only=True)}

    @extend_schema_field(MaintenanceSerializer(allow_null=True))
    def get_maintenance(self, station: Station) -> dict[str, Any] | None:
        return MaintenanceSerializer(station).data if station.in_maintenance() else None

    def to_representation(self, station: Station) -> dict[str, Any]:
        shown = super().to_representation(station)
        if not station.shows_place_to(self.context["request"].user):
            shown |= {"latitude": None, "longitude": None}
        return shown


class TendencySerializer(serializers.Serializer[Any]):
    """The change of air pressure in three hours, and how it went, by WMO's code table 0200."""

    change_hpa = serializers.FloatField()
    characteristic = serializers.IntegerField(source="characteristic.code", min_value=0, max_value=8)


class DerivedSerializer(serializers.Serializer[Any]):
    """What the newest values tell together. Null is outside the range of its formula, or needs an absent value."""

    of = serializers.ListField(
        child=serializers.IntegerField(), source="numbers", help_text="The numbers of the fields that were used."
    )
    at = serializers.DateTimeField(help_text="The oldest moment of their values.")
    dew_point_c = serializers.FloatField(allow_null=True)
    heat_index_c = serializers.FloatField(allow_null=True)
    humidex = serializers.FloatField(allow_null=True)
    wind_chill_c = serializers.FloatField(allow_null=True)
    apparent_temperature_c = serializers.FloatField(allow_null=True)
    absolute_humidity_g_m3 = serializers.FloatField(allow_null=True)
    vapour_pressure_deficit_kpa = serializers.FloatField(allow_null=True)
    sea_level_pressure_hpa = serializers.FloatField(allow_null=True)
    pressure_tendency = TendencySerializer(allow_null=True)

    def to_representation(self, station: Station) -> Any:
        """Take one question for the tendency, and none if the station has no pressure."""
        fields = station.fields.all()
        pressures = [field for field in fields if field.quantity == "pressure"]
        found = derived(station, fields, trends(station, pressures, timezone.now()))
        return found and _rounded(super().to_representation(found))


def _rounded(answer: Any) -> Any:
    """Round computed numbers: further digits mean nothing."""
    if isinstance(answer, dict):
        return {name: _rounded(each) for name, each in answer.items()}
    return round(answer, 3) if isinstance(answer, float) else answer


class OneStationSerializer(StationSerializer):
    """A station with its derived figures. Its coordinates are as in the list."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return super().get_fields() | {"derived": DerivedSerializer(source="*", read_only=True, allow_null=True)}


@cache
def form_of(serializer: type[serializers.BaseSerializer[Any]]) -> str:
    """Return the form of a serializer's answers: after an update, a client's copy may still have the old form."""
    return repr(serializer())


@extend_schema_field(OpenApiTypes.DATETIME)
class MomentField(serializers.Field[datetime, str, str, Any]):
    """ISO 8601 or Unix seconds. A moment without an offset is in the station's time zone."""

    def to_internal_value(self, data: str) -> datetime:
        try:
            return parse_moment(data, self.context["zone"])
        except ValueError as error:
            raise serializers.ValidationError(f"{error}.") from error

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


class SeriesQuery(serializers.Serializer[dict[str, Any]]):
    """The history to return."""

    field = serializers.IntegerField(default=1, validators=[MinValueValidator(1), MaxValueValidator(MAX_NUMBER)])
    start = MomentField(required=False, help_text="The first moment; by default a day before the end.")
    end = MomentField(required=False, help_text="The moment before which it ends; by default now.")
    minus = serializers.RegexField(
        r"\A[1-9][0-9]{0,8}\.[1-9][0-9]{0,2}\Z",
        required=False,
        help_text="Another field to subtract, like 3.1 for field 1 of station 3. Its unit must be alike.",
    )
    points = serializers.IntegerField(default=500, min_value=2, max_value=2000, help_text="The most points to return.")
    packed = serializers.BooleanField(default=False, help_text="In few bytes, as the pages' charts read it.")
    rows = serializers.BooleanField(default=False, help_text="An object for each moment, as Grafana reads it.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["packed"] and attrs["rows"]:
            raise serializers.ValidationError({"rows": ["A packed series has columns: leave out packed or rows."]})
        return attrs


@lru_cache(maxsize=64)
def query_in(zone: ZoneInfo) -> SeriesQuery:
    """Return what reads queries about stations of a zone, by `run_validation`: making one takes longer than reading."""
    return SeriesQuery(context={"zone": zone})


class CorrectionSerializer(serializers.Serializer[dict[str, Any]]):
    """What was said about a stretch of readings: `set_aside` left them out, `sensor` says what hung there."""

    kind = serializers.ChoiceField(choices=["set_aside", "sensor"])
    start = serializers.DateTimeField()
    end = serializers.DateTimeField(allow_null=True, help_text="Null: until further notice.")
    reason = serializers.ChoiceField(choices=Reason.choices, required=False)
    below = serializers.FloatField(required=False, allow_null=True, help_text="Only raw values below it are left out.")
    above = serializers.FloatField(required=False, allow_null=True, help_text="Only raw values above it are left out.")
    sensor = serializers.CharField(required=False)
    factor = serializers.FloatField(required=False, help_text="What is shown is raw * factor + offset.")
    offset = serializers.FloatField(required=False)


class AnySeriesSerializer(serializers.Serializer[dict[str, Any]]):
    """The common part of all series."""

    station = serializers.IntegerField()
    field = serializers.IntegerField()
    unit = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    corrections = CorrectionSerializer(many=True, help_text="What applies to the range; empty as a rule.")


class StepsSerializer(AnySeriesSerializer):
    """The common part of series of readings and of equal buckets."""

    step_s = serializers.IntegerField(allow_null=True, help_text="Width of a bucket; null where readings are raw.")


class SeriesSerializer(StepsSerializer):
    """Columns of equal length. A gap is a time whose values are null."""

    time = serializers.ListField(child=serializers.FloatField(), help_text="Unix seconds; a bucket's start.")
    mean = serializers.ListField(child=serializers.FloatField(allow_null=True))
    min = serializers.ListField(child=serializers.FloatField(allow_null=True))
    max = serializers.ListField(child=serializers.FloatField(allow_null=True))


class SumSeriesSerializer(AnySeriesSerializer):
    """Amounts and counters: columns of equal length. A bucket without any reading is left out."""

    kind = serializers.ChoiceField(choices=[SumSeries.kind])
    per = serializers.ChoiceField(choices=["quarter", "hour", "day", "month"], help_text="The length of a bucket.")
    time = serializers.ListField(child=serializers.FloatField(), help_text="Unix seconds; a bucket's start.")
    until = serializers.ListField(child=serializers.FloatField(), help_text="Unix seconds; a bucket's end.")
    sum = serializers.ListField(child=serializers.FloatField(), help_text="What came in the bucket.")


class DirectionSeriesSerializer(StepsSerializer):
    """Directions: columns of equal length. A gap or a calm is a time whose values are null."""

    kind = serializers.ChoiceField(choices=[DirectionSeries.kind])
    time = serializers.ListField(child=serializers.FloatField(), help_text="Unix seconds; a bucket's start.")
    mean = serializers.ListField(child=serializers.FloatField(allow_null=True), help_text="Degrees from north.")
    steadiness = serializers.ListField(
        child=serializers.FloatField(allow_null=True), help_text="From 0 to 1; null where readings are raw."
    )


class RowSerializer(serializers.Serializer[dict[str, Any]]):
    """A moment with what the series has in its columns: those of levels, of sums or of directions."""

    time = serializers.FloatField(help_text="Unix seconds; a bucket's start.")
    mean = serializers.FloatField(required=False, allow_null=True)
    min = serializers.FloatField(required=False, allow_null=True)
    max = serializers.FloatField(required=False, allow_null=True)
    until = serializers.FloatField(required=False, help_text="Unix seconds; a bucket's end.")
    sum = serializers.FloatField(required=False)
    steadiness = serializers.FloatField(required=False, allow_null=True)


class RowSeriesSerializer(AnySeriesSerializer):
    """A series as rows. Beside them is what the other shapes have beside their columns."""

    rows = RowSerializer(many=True)


class PackedStepsSerializer(StepsSerializer):
    """The common part of packed series, see readings/history/packing.py."""

    decimals = serializers.IntegerField(help_text="How many digits of a value are behind the point.")
    time_ms = serializers.ListField(child=serializers.IntegerField(), help_text="Each from the one before.")
    mean = serializers.ListField(
        child=serializers.IntegerField(allow_null=True), help_text="Each from the one before; null in a gap."
    )


class PackedSeriesSerializer(PackedStepsSerializer):
    """Columns of whole numbers. A series with too large a value comes unpacked."""

    below = serializers.ListField(child=serializers.IntegerField(), help_text="How far min is below; empty if nowhere.")
    above = serializers.ListField(child=serializers.IntegerField(), help_text="How far max is above; empty if nowhere.")


class PackedDirectionSeriesSerializer(PackedStepsSerializer):
    """Columns of whole numbers."""

    kind = serializers.ChoiceField(choices=[DirectionSeries.kind])
    steadiness = serializers.ListField(
        child=serializers.IntegerField(allow_null=True), help_text="In percent; empty where readings are raw."
    )
