"""The ledger of sensors: what hung where, and the correction that a calibration gives."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from django.db import transaction

from freetemp.fields import from_millis, now_millis, to_millis
from readings.calendar.span import EVER, Span
from readings.models import Sensor
from readings.models.set_aside import State
from readings.treatment.effects import TreatmentError, changing, check_kept, overlapping, write_down
from stations.models import Station

# So wide that every change of units is within, and so narrow that no value of a sensor leaves the range of a float.
SMALLEST_FACTOR, LARGEST_FACTOR, LARGEST_OFFSET = 1e-9, 1e9, 1e12


def correction(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the factor and the offset by one or two pairs of (shown, true) values: one tells only the offset.

    Raises TreatmentError.
    """
    if not 1 <= len(points) <= 2:
        raise TreatmentError("One or two points are expected, each a shown and a true value.")
    (shown, true), (other_shown, other_true) = points[0], points[-1]
    if len(points) == 1:
        return 1.0, true - shown
    if shown == other_shown:
        raise TreatmentError("Two points need two different shown values.")
    factor = (other_true - true) / (other_shown - shown)
    return factor, true - factor * shown


def add_sensor(
    station: Station,
    field: int,
    span: Span,
    model: str,
    by: str,
    *,
    serial: str = "",
    note: str = "",
    factor: float = 1.0,
    offset: float = 0.0,
    state: str = State.ACTIVE,
) -> Sensor:
    """Write down what hung for a field within a span, with its correction, and return the entry.

    A span up to EVER.end_ms is until further notice. The sensor that hung until further notice ends where this one
    begins. Afterwards, follow_pending() makes the rollups anew. Raises TreatmentError where another one hung, and
    GoneError for a correction of readings that a retention has removed.
    """
    if span.start_ms >= span.end_ms:
        raise TreatmentError("The end has to be after the start.")
    check_correction(factor, offset)
    sensor = Sensor(
        station=station,
        field=field,
        start=from_millis(span.start_ms),
        end=None if span.end_ms >= EVER.end_ms else from_millis(span.end_ms),
        model=model,
        serial=serial,
        note=note,
        factor=factor,
        offset=offset,
        state=state,
        made_by=by,
        made_at=from_millis(now_millis()),
    )
    if state != State.ACTIVE:
        with transaction.atomic():
            sensor.save()
            write_down("sensor proposed", sensor)
        return sensor
    with changing(station, field, Span(span.start_ms, EVER.end_ms)) as present:  # Another one may end here.
        make_room(present, sensor)
        sensor.save()
        write_down("sensor written into the ledger", sensor)
    return sensor


def check_correction(factor: float, offset: float) -> None:
    """Raise TreatmentError for a correction that no sensor needs."""
    if not isfinite(factor) or not SMALLEST_FACTOR <= abs(factor) <= LARGEST_FACTOR:
        raise TreatmentError("The factor has to be a number other than 0, like 1.02.")
    if not isfinite(offset) or abs(offset) > LARGEST_OFFSET:
        raise TreatmentError("The offset has to be a number, like -0.4.")


def make_room(station: Station, sensor: Sensor) -> None:
    """End the sensor that hung until further notice where another begins, and note it there. Call it inside changing().

    Raises TreatmentError if that is not enough, and GoneError.
    """
    if sensor.corrects:
        check_kept(station, sensor.span.start_ms)
    others = Sensor.objects.active().filter(overlapping(sensor.span), station=station, field=sensor.field)
    for other in others.exclude(pk=sensor.pk):
        if other.end is not None or to_millis(other.start) >= sensor.span.start_ms:
            since = other.start.astimezone(station.zone)
            raise TreatmentError(
                f"{other.model} (number {other.pk}) hung then, from {since:%Y-%m-%d %H:%M}: undo that entry first, or "
                "choose another time."
            )
        other.end, sensor.followed = sensor.start, other
        other.save(update_fields=["end"])


def reopen(sensor: Sensor) -> None:
    """Let the sensor that ended for another one hang again, unless a third one came. Call it inside of changing()."""
    before = sensor.followed
    if before is None or before.state != State.ACTIVE or before.end != sensor.start:
        return
    later = Sensor.objects.active().filter(station=sensor.station, field=sensor.field, start__gte=sensor.start)
    if not later.exclude(pk=sensor.pk).exists():
        before.end = None
        before.save(update_fields=["end"])
