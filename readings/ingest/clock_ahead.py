"""What is done once the server's clock was ahead and is set back: nothing stored in the future may bind the present."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping
from itertools import chain

from django.db import transaction

from freetemp.fields import from_millis
from freetemp.sql import execute
from readings.calendar.span import QUARTER_MS, quarter_start_ms
from readings.ingest.insert import stored_values
from readings.ingest.rows import RowKey
from readings.models.stored_ahead import StoredAhead
from readings.rollups.locks import locked_fields
from readings.rollups.rebuild import newest
from stations.models import Station
from stations.models.field import new_edition

logger = logging.getLogger(__name__)

_AHEAD = (
    "SELECT r.station_id, r.field, r.measured_at FROM stations_field f JOIN readings_reading r"
    " ON r.station_id = f.station_id AND r.field = f.number WHERE r.measured_at > %s"
)
# Moments that something did happen, at the latest now.
_HAPPENED = {
    "stations_station": ("last_heard_at",),
    "stations_key": ("issued_at", "first_used_at", "ended_at"),
    "readings_boot": ("used_at",),
    "readings_boardstate": ("first_at", "last_at", "failed_at"),
    "readings_refusedreport": ("first_at", "last_at"),
}


def mend(now_ms: int, slack_ms: int) -> None:
    """Note the readings that are dated after now, and bring every other moment after now back to the present.

    The newest values become those up to now. Readings stay: a person decides about them, because the clock may just as
    well be wrong now.
    """
    limit_ms = now_ms + slack_ms
    with transaction.atomic():
        fields = locked_fields(set(Station.objects.values_list("pk", flat=True)))  # Nobody stores meanwhile.
        noted = _note(now_ms, limit_ms)
        for state in fields.values():
            if state.newest_ms > limit_ms:
                moment_ms, value = newest(state.station, state.number, limit_ms) or (None, None)
                execute(
                    "UPDATE stations_field SET newest_at = %s, newest_value = %s, edition = %s WHERE id = %s",
                    [moment_ms, value, new_edition(), state.id],
                )
        for table, columns in _HAPPENED.items():
            for column in columns:
                execute(f"UPDATE {table} SET {column} = %s WHERE {column} > %s", [now_ms, limit_ms])  # noqa: S608 - our names
    logger.warning(
        "The clock has been set back to %s: %d readings were stored under later moments. The overview lists them.",
        from_millis(now_ms),
        noted,
    )


def _note(now_ms: int, limit_ms: int) -> int:
    found: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    rows = execute(_AHEAD, [limit_ms]).returned
    for station, field, moment_ms in rows:
        found[station][field].append(moment_ms)
    for station, moments in found.items():
        noted = StoredAhead.objects.filter(pk=station).first() or StoredAhead(pk=station, by_field={})
        noted.add(moments, from_millis(now_ms))
    return len(rows)


def make_room(wanted: Mapping[RowKey, float]) -> dict[RowKey, float]:
    """Move readings that were dated ahead by a millisecond, away from right ones. Return those that have room now.

    Boards count in whole seconds: an hour later, each reading meets one that a clock an hour ahead has dated. A reading
    with the same value is as right as the new one, and is not noted any more.
    """
    room: dict[RowKey, float] = {}
    for noted in StoredAhead.objects.filter(pk__in={station for station, *_ in wanted}):
        moments = {number: set(of_field) for number, of_field in noted.moments.items()}
        met = [row for row in wanted if row[0] == noted.pk and row[2] in moments.get(row[1], ())]
        for row, value in stored_values(met).items():
            moments[row[1]].discard(row[2])
            if value != wanted[row]:
                moments[row[1]].add(_move(row, wanted))
                room[row] = wanted[row]
        if met:
            noted.keep({number: list(of_field) for number, of_field in moments.items()})
    return room


def _move(row: RowKey, wanted: Mapping[RowKey, float]) -> int:
    """Give a reading its next free moment and return that. It stays in its quarter of an hour, as its rollups do."""
    station, field, moment_ms = row
    first_ms = quarter_start_ms(moment_ms)
    quarter = range(first_ms, first_ms + QUARTER_MS)
    taken = _moments(station, field, quarter)
    later_first = chain(range(moment_ms + 1, quarter.stop), range(moment_ms - 1, quarter.start - 1, -1))
    to_ms = next(ms for ms in later_first if ms not in taken and (station, field, ms) not in wanted)
    execute(
        "UPDATE readings_reading SET measured_at = %s WHERE station_id = %s AND field = %s AND measured_at = %s",
        [to_ms, *row],
    )
    return to_ms


def _moments(station: int, field: int, span_ms: range) -> set[int]:
    rows = execute(
        "SELECT measured_at FROM readings_reading"
        " WHERE station_id = %s AND field = %s AND measured_at >= %s AND measured_at < %s",
        [station, field, span_ms.start, span_ms.stop],
    ).returned
    return {moment_ms for (moment_ms,) in rows}
