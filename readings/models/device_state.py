"""What devices of other makers say of themselves beside their measurements: a row for each station, the newest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import models

from freetemp.fields import EpochMillisField
from freetemp.sql import execute_values
from stations.models import Station

MOST_OF_NAMES = 200  # characters


class DeviceTold(NamedTuple):
    """What a report says of its device. None: it does not say.

    `low_batteries` names the sensors whose batteries the device itself calls low, and is "" if it calls none so.
    """

    rssi: int | None = None
    low_batteries: str | None = None


_COLUMNS = "station_id, told_at, rssi, low_batteries, low_at"
_KEEP = (
    f"INSERT INTO readings_devicestate AS kept ({_COLUMNS}) VALUES {{places}}"  # noqa: S608 - our names
    " ON CONFLICT (station_id) DO UPDATE SET told_at = excluded.told_at, rssi = coalesce(excluded.rssi, kept.rssi),"
    " low_batteries = coalesce(excluded.low_batteries, kept.low_batteries),"
    # A clock that was ahead has written what is later than now.
    " low_at = CASE WHEN kept.low_at > excluded.told_at THEN excluded.told_at"
    " ELSE coalesce(excluded.low_at, kept.low_at) END"
)
_TYPES = ("integer", "bigint", "smallint", "text", "bigint")


class DeviceStateQuerySet(models.QuerySet["DeviceState"]):
    def keep(self, told: Mapping[int, DeviceTold], at_ms: int) -> None:
        """Write what devices have said at a moment, by their stations. What they do not say stays as it was."""
        rows = [
            (station, at_ms, each.rssi, each.low_batteries, at_ms if each.low_batteries else None)
            for station, each in sorted(told.items())
        ]
        execute_values(_KEEP, rows, _TYPES)

    def signals_since(self, at: datetime) -> dict[int, int]:
        """Return the newest signals of those that have told since a moment, in dBm, by station."""
        return dict(self.filter(told_at__gte=at, rssi__isnull=False).values_list("station_id", "rssi"))  # type: ignore[arg-type]

    def batteries_since(self, at: datetime) -> dict[int, DeviceState]:
        """Return those that have told of batteries since a moment, by station."""
        return {each.station_id: each for each in self.filter(told_at__gte=at, low_batteries__isnull=False)}


class DeviceState(models.Model):
    """What a device of another maker has last said of its batteries and its signal. Moments are the server's."""

    station = models.OneToOneField(Station, models.CASCADE, primary_key=True, related_name="device_state")
    told_at = EpochMillisField("last told", db_index=True)
    rssi = models.SmallIntegerField(null=True, help_text="dBm, the newest.")
    low_batteries = models.CharField(
        max_length=MOST_OF_NAMES, null=True, help_text="Sensors whose batteries it calls low."
    )
    low_at = EpochMillisField(null=True, help_text="When it last called one low.")

    objects = DeviceStateQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.station}, told at {self.told_at:%Y-%m-%d %H:%M} UTC"
