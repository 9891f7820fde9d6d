"""What a valid report is."""

from collections.abc import Callable
from typing import Any

from rest_framework import serializers

from readings.values import parse_decimal, parse_field_number


class ParsedField(serializers.Field[Any, str, Any, Any]):
    """A serializer field around a function that raises ValueError with a sentence."""

    def __init__(self, parse: Callable[[str], Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.parse = parse

    def to_internal_value(self, data: str) -> Any:
        try:
            return self.parse(data)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error

    def to_representation(self, value: Any) -> Any:
        return value


class UpdateSerializer(serializers.Serializer[dict[str, Any]]):
    """One value as the device URL carries it, its parts named as they are there."""

    field = ParsedField(parse_field_number)
    data = ParsedField(parse_decimal)  # type: ignore[assignment]  # DRF takes it off the class, .data stays
