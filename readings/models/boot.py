"""The count that each board has reached, which identifies repeated readings."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models

from freetemp.fields import EpochMillisField
from freetemp.sql import execute_values
from stations.models import Station

KEPT = 64  # Boots per station. A board that has lost power 64 times since it stored a reading has lost that reading.

BootKey = tuple[int, int]  # station, boot


class BootQuerySet(models.QuerySet["Boot"]):
    def highest_seqs(self, stations: Iterable[int]) -> dict[BootKey, int]:
        """Return the highest settled sequence number, by station and boot."""
        rows = self.filter(station__in=stations).values_list("station_id", "boot", "seq")
        return {(station, boot): seq for station, boot, seq in rows}

    def keep(self, seqs: dict[BootKey, int], at_ms: int) -> None:
        """Write the count that these boots have reached, and forget the longest unused boots of their stations."""
        execute_values(
            "INSERT INTO readings_boot (station_id, boot, seq, used_at) VALUES {places}"
            " ON CONFLICT (station_id, boot) DO UPDATE SET seq = excluded.seq, used_at = excluded.used_at",
            [(station, boot, seq, at_ms) for (station, boot), seq in sorted(seqs.items())],
        )
        for station in {station for station, _ in seqs}:
            of_station = self.filter(station=station)
            oldest_kept = of_station.order_by("-used_at", "-boot").values_list("used_at", flat=True)[KEPT - 1 : KEPT]
            for used_at in oldest_kept:
                of_station.filter(used_at__lt=used_at)._raw_delete(self.db)


class Boot(models.Model):
    """One run of a board's counter, with its highest `seq` that was stored, repeated or rejected."""

    pk = models.CompositePrimaryKey("station", "boot")
    station = models.ForeignKey(Station, models.CASCADE, related_name="boots", db_index=False)
    boot = models.PositiveBigIntegerField(help_text="32 bits, drawn by the board.")
    seq = models.PositiveBigIntegerField()
    used_at = EpochMillisField()

    objects = BootQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.station} boot {self.boot:08x} up to {self.seq}"
