"""Setting readings aside."""

from __future__ import annotations

from math import isfinite

from freetemp.fields import from_millis, now_millis
from readings.calendar.span import EVER, Span
from readings.models import SetAside
from readings.models.set_aside import State
from readings.treatment.effects import TreatmentError, changing, check_kept, write_down
from stations.models import Station


def set_aside(
    station: Station,
    field: int | None,
    span: Span,
    reason: str,
    by: str,
    *,
    note: str = "",
    below: float | None = None,
    above: float | None = None,
    state: str = State.ACTIVE,
) -> SetAside:
    """Set aside the readings of a field, or of all fields, within a span, and return the mark.

    A span up to EVER.end_ms is until further notice. With `below` or `above`, only raw values below the one or above
    the other are set aside. A mark that is proposed counts for nothing. Afterwards, follow_pending() makes the rollups
    anew. Raises TreatmentError, and GoneError for a start whose raw readings a retention has removed.
    """
    if span.start_ms >= span.end_ms:
        raise TreatmentError("The end has to be after the start.")
    if not all(limit is None or isfinite(limit) for limit in (below, above)):
        raise TreatmentError("A limit is a finite number.")
    mark = SetAside(
        station=station,
        field=field,
        start=from_millis(span.start_ms),
        end=None if span.end_ms >= EVER.end_ms else from_millis(span.end_ms),
        below=below,
        above=above,
        reason=reason,
        note=note,
        state=state,
        made_by=by,
        made_at=from_millis(now_millis()),
    )
    if state != State.ACTIVE:
        mark.save()
        return mark
    with changing(station, field, span) as present:
        check_kept(present, span.start_ms)
        mark.save()
        write_down("readings set aside", mark)
    return mark
