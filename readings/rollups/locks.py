"""Locks on the fields of stations. Code that stores readings or rebuilds rollups takes these locks first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from freetemp.sql import Executed, database, execute, one_of, placeholders
from stations.models.field import is_within, new_edition
from stations.quantities import WIND_DIRECTION, Kind, kind_of


@dataclass(slots=True)
class FieldState:
    """A field's state: read from its row, and changed by a transaction. Moments are Unix milliseconds."""

    id: int
    station: int
    number: int
    newest_ms: int
    newest_value: float | None
    empty_at_ms: int
    smallest: float | None
    largest: float | None
    unit: str
    quantity: str
    rolls_over_at: float | None
    is_treated: bool = False
    edition: int = 0
    changed: bool = False
    has_late: bool = False
    kind: Kind = field(init=False)
    lag_ms: int = field(init=False)  # A reading belongs to the quarter that holds the moment so long before it.

    def __post_init__(self) -> None:
        self.kind = kind_of(self.quantity)
        self.lag_ms = int(self.kind.belongs_before)

    @property
    def next_edition(self) -> int:
        """Return the edition to write: another one if a reading was stored that did not become the newest."""
        return new_edition() if self.has_late else self.edition

    def keep(self, first_ms: int, last_ms: int, last_value: float) -> None:
        """Note that new readings are stored, by the moments of the first and the last, and the value of the last."""
        self.changed = True
        self.has_late = self.has_late or first_ms <= self.newest_ms
        if last_ms > self.newest_ms:
            self.newest_ms, self.newest_value = last_ms, last_value

    def is_plausible(self, value: float) -> bool:
        return is_within(value, self.smallest, self.largest)


Fields = dict[tuple[int, int], FieldState]  # by station and number


def locked_fields(stations: Collection[int], numbers: Collection[int] = ()) -> Fields:
    """Return the fields of some stations by (station, number), locked in the order of ids if the database locks rows.

    With numbers, return only the fields that have one of them, and the stations' wind directions.
    """
    return fields_in(lock_fields(stations, numbers))


def lock_fields(stations: Collection[int], numbers: Collection[int] = ()) -> Executed:
    """Lock fields as locked_fields() does, for fields_in(): others can be asked for with the same wait."""
    lock = " FOR UPDATE" if database().features.has_select_for_update else ""
    # The days of a direction follow the wind speed, so they are written under its lock.
    of_stations, parameters = one_of(sorted(stations))
    those = ""
    if numbers:
        of_numbers, more = one_of(sorted(numbers))
        those, parameters = f" AND (number {of_numbers} OR quantity = '{WIND_DIRECTION}')", [*parameters, *more]
    return execute(
        "SELECT id, station_id, number, coalesce(newest_at, 0), newest_value, coalesce(bucket_empty_at, 0),"  # noqa: S608 - our names
        " smallest, largest, unit, quantity, rolls_over_at, is_treated, edition FROM stations_field"
        f" WHERE station_id {of_stations}{those} ORDER BY id{lock}",
        parameters,
    )


def fields_in(locked: Executed) -> Fields:
    """Return the fields that lock_fields() has locked, by (station, number)."""
    return {(row[1], row[2]): FieldState(*row) for row in locked.returned}


def renew_editions(station: int, numbers: Collection[int] = ()) -> None:
    """Have the rows of a station's locked fields, or of some, say that readings or rollups have changed.

    Whoever changes them calls this in the same transaction: a page is drawn again only then. What settle() stores it
    tells by itself.
    """
    those = f" AND number IN ({placeholders(len(numbers))})" if numbers else ""
    execute(
        f"UPDATE stations_field SET edition = %s WHERE station_id = %s{those}",  # noqa: S608 - our names
        [new_edition(), station, *numbers],
    )
