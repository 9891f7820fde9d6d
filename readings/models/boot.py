"""The count that each board has reached, which identifies repeated readings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import models

from freetemp.fields import EpochMillisField
from freetemp.sql import Executed, execute, execute_values, one_of
from stations.models import Station

KEPT = 64  # Boots per station. A board that has lost power 64 times since it stored a reading has lost that reading.

BootKey = tuple[int, int]  # station, boot


class Reached(NamedTuple):
    """The highest seq of a boot, and those up to it that its last report had rejected: its answer may be lost."""

    seq: int = -1
    rejected: frozenset[int] = frozenset()
    told_start: int = 0  # of the board's state that was last written, and when
    told_ms: int = 0


class BootQuerySet(models.QuerySet["Boot"]):
    def reached(self, stations: Iterable[int]) -> dict[BootKey, Reached]:
        """Return the count that each boot of some stations has reached, by station and boot."""
        return reached_in(self.ask_reached(stations))

    def ask_reached(self, stations: Iterable[int]) -> Executed:
        """Ask for the counts of some stations' boots, for reached_in(): others can be asked for with the same wait."""
        of_stations, parameters = one_of(sorted(stations))
        asked = f"SELECT {_COLUMNS} FROM readings_boot WHERE station_id {of_stations}"  # noqa: S608 - our names
        return execute(asked, parameters)

    def keep(self, reached: dict[BootKey, Reached], at_ms: int, new: Iterable[BootKey]) -> None:
        """Write the count that these boots have reached. Forget the longest unused boots of stations with new ones."""
        execute_values(
            _KEEP,
            [
                (*boot, seq, " ".join(map(str, sorted(rejected))), *told, at_ms)
                for boot, (seq, rejected, *told) in sorted(reached.items())
            ],
            ("integer", "bigint", "bigint", "text", "bigint", "bigint", "bigint"),
        )
        for station in {station for station, _ in new}:
            execute(_FORGET, [station, station])


_COLUMNS = "station_id, boot, seq, rejected, told_start, told_at"
_KEEP = (
    f"INSERT INTO readings_boot ({_COLUMNS}, used_at) VALUES {{places}}"  # noqa: S608 - our names
    " ON CONFLICT (station_id, boot) DO UPDATE"
    " SET seq = excluded.seq, used_at = excluded.used_at, rejected = excluded.rejected,"
    " told_start = excluded.told_start, told_at = excluded.told_at"
)
_FORGET = (
    "DELETE FROM readings_boot WHERE station_id = %s AND used_at < (SELECT used_at FROM readings_boot"  # noqa: S608 - numbers
    f" WHERE station_id = %s ORDER BY used_at DESC, boot DESC LIMIT 1 OFFSET {KEPT - 1})"
)


def reached_in(asked: Executed) -> dict[BootKey, Reached]:
    """Return the counts that ask_reached() has asked for, by station and boot."""
    return {
        (station, boot): Reached(seq, frozenset(map(int, rejected.split())) if rejected else frozenset(), *told)
        for station, boot, seq, rejected, *told in asked.returned
    }


class Boot(models.Model):
    """One run of a board's counter, with its highest `seq` that was stored, repeated or rejected."""

    pk = models.CompositePrimaryKey("station", "boot")
    station = models.ForeignKey(Station, models.CASCADE, related_name="boots", db_index=False)
    boot = models.PositiveBigIntegerField(help_text="32 bits, drawn by the board.")
    seq = models.PositiveBigIntegerField()
    used_at = EpochMillisField()
    rejected = models.TextField(db_default="", help_text="The seqs that the last report had rejected, with spaces.")
    # An earlier freetemp, which knows neither column, can add rows too.
    told_start = models.PositiveBigIntegerField(default=0, db_default=0, help_text="The BoardState that was written.")
    told_at = models.BigIntegerField(default=0, db_default=0, help_text="When it was written, in Unix milliseconds.")

    objects = BootQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.station} boot {self.boot:08x} up to {self.seq}"
