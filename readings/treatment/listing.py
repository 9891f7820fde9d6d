"""What is said about a field's readings, for whoever shows them: what is set aside, and which sensor hung."""

from __future__ import annotations

from typing import Any

from readings.calendar.span import Span
from readings.models import Sensor, SetAside
from readings.treatment.effects import overlapping
from stations.models import Field


def corrections_of(field: Field, span: Span) -> list[dict[str, Any]]:
    """Return what applies to a field within a span, in order of time, without the names of staff and their notes."""
    marks = SetAside.objects.active().filter(overlapping(span), station=field.station_id)
    sensors = Sensor.objects.active().filter(overlapping(span), station=field.station_id, field=field.number)
    told = [_mark(mark) for mark in marks if mark.field in (None, field.number)]
    return sorted([*told, *map(_sensor, sensors)], key=lambda each: each["start"])


def _mark(mark: SetAside) -> dict[str, Any]:
    span = {"kind": "set_aside", "start": mark.start, "end": mark.end}
    return span | {"reason": mark.reason, "below": mark.below, "above": mark.above}


def _sensor(sensor: Sensor) -> dict[str, Any]:
    span = {"kind": "sensor", "start": sensor.start, "end": sensor.end}
    return span | {"sensor": sensor.model, "factor": sensor.factor, "offset": sensor.offset}
