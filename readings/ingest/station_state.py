"""What storing a report needs to know of its station, and the words of its board."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from freetemp.sql import NOW_MS, Executed, database, execute, one_of
from readings.ingest.reports import Batch, SingleValue
from stations.models.zone_rules import zone_by


@dataclass(slots=True)
class StationState:
    """The state of a station: its zone, the moment from which it keeps raw readings, and the words of its board."""

    zone: ZoneInfo
    raw_since_ms: int
    trouble: str
    firmware: str


def ask_stations(ids: Collection[int]) -> Executed:
    """Ask for the state of some stations, for stations_in().

    Call it once their fields are locked. A retention takes the same locks, and so does a change of zone or of its
    rules: their effect is seen.
    """
    of_stations, parameters = one_of(sorted(ids))
    now_ms = f"(SELECT {NOW_MS})" if database().vendor == "postgresql" else "NULL"
    return execute(
        "SELECT id, timezone, zone_rules, coalesce(raw_since, 0), trouble, firmware,"  # noqa: S608 - our names
        f" coalesce((SELECT max(last_heard_at) FROM stations_station), 0), {now_ms}"
        f" FROM stations_station WHERE id {of_stations}",
        parameters,
    )


def stations_in(asked: Executed) -> tuple[dict[int, StationState], int, int | None]:
    """Return the state of some stations, the moment at which any was last heard, and the present one by PostgreSQL.

    Moments are in Unix milliseconds. PostgreSQL's clock was asked once the fields were locked.
    """
    rows = asked.returned
    states = {pk: StationState(zone_by(zone, rules), *rest) for pk, zone, rules, *rest, _, _ in rows}
    return states, *(rows[0][-2:] if rows else (0, None))


def forget_trouble(states: Mapping[int, StationState], station: int) -> None:
    """Forget what the board before this one said. A client of single values could never take it back."""
    state = states[station]
    if state.trouble:
        state.trouble = ""
        execute("UPDATE stations_station SET trouble = '' WHERE id = %s", [station])


def keep_words(states: Mapping[int, StationState], station: int, report: SingleValue | Batch) -> None:
    """Keep a board's words about itself: trouble until a report has none, the version until a report has another.

    A client of single values cannot send either.
    """
    if not isinstance(report, Batch) or report.boot is None:
        return
    state = states[station]
    words = (report.trouble, report.firmware or state.firmware)
    if words != (state.trouble, state.firmware):
        state.trouble, state.firmware = words
        execute("UPDATE stations_station SET trouble = %s, firmware = %s WHERE id = %s", [*words, station])
