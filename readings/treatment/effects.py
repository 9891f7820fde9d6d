"""What follows from a change of what counts: the field's mark, its newest value, and rollups that are pending."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import Q

from audit.deeds import record
from freetemp.fields import from_millis, now_millis
from readings.calendar.span import Span
from readings.models import Pending, Sensor, SetAside
from readings.rollups.from_raw import touched
from readings.rollups.locks import locked_fields
from readings.rollups.rebuild import GoneError, renew_newest
from stations.models import Field, Station


class TreatmentError(ValueError):
    """A sentence for the person who asked for it: it cannot be done as asked."""


@contextmanager
def changing(station: Station, number: int | None, span: Span) -> Iterator[Station]:
    """Bring in line what follows from changes made inside, in one transaction. Yield the station as its lock keeps it.

    `number` is the field's, or None for all fields. Rollups are pending after it: readings.rollups.pending.
    """
    with transaction.atomic():
        fields = locked_fields({station.pk})
        present = Station.objects.get(pk=station.pk)
        if number is not None and (station.pk, number) not in fields:
            raise TreatmentError(f"{station} has no field {number}.")
        yield present
        affected = sorted(own for _, own in fields if number in (None, own))
        mark_treated(present.pk, affected)
        if number is None:
            _mark_maintenance(present)
        kept = Span(max(span.start_ms, present.raw_since_ms), span.end_ms)
        states = locked_fields({present.pk})  # They know now what is treated.
        for each in affected:
            renew_newest(present.pk, each)
            if kept.start_ms < kept.end_ms:
                start_ms, end_ms = touched(states[present.pk, each], kept)
                Pending.objects.create(station=present, field=each, start_ms=start_ms, end_ms=end_ms)


def mark_treated(station: int, numbers: Collection[int]) -> None:
    """Write whether these fields have anything set aside or calibrated."""
    treated = treated_of(station, numbers)
    fields = Field.objects.filter(station=station, number__in=numbers)
    fields.filter(number__in=treated).update(is_treated=True)
    fields.exclude(number__in=treated).update(is_treated=False)


def treated_of(station: int, numbers: Collection[int]) -> set[int]:
    """Return those of these fields that have anything set aside or calibrated."""
    corrected = Sensor.objects.active().filter(station=station).exclude(factor=1, offset=0)
    of_sensors = set(corrected.values_list("field", flat=True))
    of_marks = set(SetAside.objects.active().filter(station=station).values_list("field", flat=True))
    return {number for number in numbers if None in of_marks or number in of_marks | of_sensors}


def _mark_maintenance(station: Station) -> None:
    """Write the maintenance that runs, or the next one, onto the station."""
    row = SetAside.objects.maintenance(from_millis(now_millis())).filter(station=station).order_by("start").first()
    since, until = (row.start, row.end) if row else (None, None)
    Station.objects.filter(pk=station.pk).update(maintenance_since=since, maintenance_until=until)


def write_down(deed: str, row: SetAside | Sensor) -> None:
    """Write down a deed about a mark or a sensor, in the transaction that does it."""
    said: dict[str, object] = {"field": "all" if row.field is None else row.field, "from": row.start}
    said["to"] = row.end or "further notice"
    if isinstance(row, SetAside):
        said |= {"reason": row.get_reason_display(), "limits": row.limits}
    else:
        said |= {"sensor": f"{row.model} {row.serial}".strip(), "factor": row.factor, "offset": row.offset}
    said["note"] = row.note
    details = {name: value for name, value in said.items() if value != ""}
    record(deed, station=row.station, of=row, what=f"number {row.pk}", details=details)


def check_kept(station: Station, start_ms: int) -> None:
    """Raise GoneError for a start whose raw readings a retention has removed."""
    if start_ms < station.raw_since_ms:
        kept = from_millis(station.raw_since_ms).astimezone(station.zone)
        raise GoneError(f"Before {kept:%Y-%m-%d %H:%M} only summaries are left, and they stay: begin then or later.")


def overlapping(span: Span) -> Q:
    """Return the condition of rows with a start and an end that have a part of a span."""
    return Q(start__lt=span.end_ms) & (Q(end=None) | Q(end__gt=span.start_ms))
