"""What people decide about marks and sensors: a proposal is taken or refused, and what is active ends or is undone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from freetemp.fields import from_millis, now_millis, to_millis
from readings.calendar.span import EVER, Span
from readings.models import Sensor, SetAside
from readings.models.set_aside import State
from readings.treatment.effects import TreatmentError, changing, check_kept, write_down
from readings.treatment.ledger import make_room, reopen


def accept(row: SetAside | Sensor, by: str) -> None:
    """Let a proposal count from now on. Raises TreatmentError if it is none any more, and what set_aside() raises."""
    with changing(row.station, row.field, _reach(row)) as station:
        _check(row, State.PROPOSED, ["state"])  # It may have grown. What somebody has seen is accepted.
        if isinstance(row, Sensor):
            make_room(station, row)
        else:
            check_kept(station, row.span.start_ms)
        _decide(row, State.ACTIVE, by, "proposal accepted")


def refuse(row: SetAside | Sensor, by: str) -> None:
    """Refuse a proposal. Raises TreatmentError if it is none any more."""
    with transaction.atomic():
        _check(row, State.PROPOSED)
        _decide(row, State.REFUSED, by, "proposal refused")


def undo(row: SetAside | Sensor, by: str) -> None:
    """Let the readings of a mark, or their raw values, count again.

    The row stays, with who undid it, and a sensor that another one followed hangs again. Summaries whose raw readings
    a retention has removed stay as they are. Raises TreatmentError if it is not active.
    """
    with changing(row.station, row.field, _reach(row)):
        _check(row, State.ACTIVE)
        undone = "sensor taken back" if isinstance(row, Sensor) else "readings brought back"
        _decide(row, State.UNDONE, by, undone)
        if isinstance(row, Sensor):
            reopen(row)


def finish(row: SetAside | Sensor, at: datetime) -> None:
    """End what is active at a moment: maintenance that is over, or a sensor that was taken down.

    Raises TreatmentError for a moment outside of it.
    """
    until_ms = to_millis(at)
    with changing(row.station, row.field, Span(until_ms, EVER.end_ms)):
        _check(row, State.ACTIVE)
        if not row.span.start_ms < until_ms <= row.span.end_ms:
            raise TreatmentError("It has to end after its start, and not later than it does.")
        row.end = at
        row.save(update_fields=["end"])
        write_down("sensor taken down" if isinstance(row, Sensor) else "setting aside ended", row)


def _reach(row: SetAside | Sensor) -> Span:
    """Return the span in which a decision changes what counts: a sensor ends the one before it."""
    return Span(row.span.start_ms, EVER.end_ms) if isinstance(row, Sensor) else row.span


def _check(row: SetAside | Sensor, state: State, fields: list[str] | None = None) -> None:
    rows: QuerySet[Any] = type(row).objects.select_for_update()  # Somebody else may decide now.
    row.refresh_from_db(fields=fields, from_queryset=rows)
    if row.state != state:
        raise TreatmentError(f"It is not {state.label} any more: it is {row.get_state_display()}.")


def _decide(row: SetAside | Sensor, state: State, by: str, deed: str) -> None:
    row.state, row.decided_by, row.decided_at = state, by, from_millis(now_millis())
    row.save()
    write_down(deed, row)
