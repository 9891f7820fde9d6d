"""What boards say of themselves: a row for each start of a board, with the newest and the worst of its figures."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Count, Max, Min, Q

from freetemp.fields import EpochMillisField
from freetemp.sql import execute, execute_values
from stations.models import Station

KEPT = 1_000  # Starts per station: a year of nearly three a day.

StartKey = tuple[int, int, int]  # station, boot, start


class ResetCause(models.IntegerChoices):
    """What machine.reset_cause() of an ESP8266 returns: the rst_info.reason of its SDK, unchanged.

    The end of a power cut comes as POWER_ON or EXTERNAL, depending on the board, and so does its reset button.
    """

    POWER_ON = 0, "power or reset button"
    HARDWARE_WATCHDOG = 1, "hung or crashed"
    EXCEPTION = 2, "hung or crashed"
    SOFTWARE_WATCHDOG = 3, "hung or crashed"
    RESTART = 4, "told to restart"
    DEEP_SLEEP = 5, "woke up"
    EXTERNAL = 6, "power or reset button"


BY_POWER = frozenset({ResetCause.POWER_ON, ResetCause.EXTERNAL})
BY_HANG = frozenset({ResetCause.HARDWARE_WATCHDOG, ResetCause.EXCEPTION, ResetCause.SOFTWARE_WATCHDOG})


class Told(NamedTuple):
    """What a report says of its board. None: it does not say."""

    start: int = 0  # the number of this start within the boot, or 0 for a board that does not count them
    reset_cause: int | None = None
    up_s: int | None = None
    rssi: int | None = None
    voltage: float | None = None
    heap: int | None = None
    failed: int | None = None

    def after(self, earlier: Told) -> Told:
        """Return what this report and an earlier one of the same start say together."""
        return earlier._replace(**{name: value for name, value in self._asdict().items() if value is not None})


class Starts(NamedTuple):
    """How often a board has started, and how many of the starts that it has told came by power and by a hang."""

    total: int
    by_power: int
    by_hang: int


class BoardStateQuerySet(models.QuerySet["BoardState"]):
    def keep(self, told: Mapping[StartKey, Told], new: Collection[StartKey], at_ms: int) -> None:
        """Write what boards have said of themselves at a moment. New starts let the oldest of their stations go."""
        execute_values(_KEEP, [_row(start, each, at_ms) for start, each in sorted(told.items())], _TYPES)
        for station in {station for station, *_ in new}:
            execute(_FORGET, [station, station])

    def newest(self) -> BoardState | None:
        """Return the start that has told last, or None."""
        return self.order_by("-last_at", "-first_at", "-start").first()

    def starts_since(self, at: datetime) -> dict[int, Starts]:
        """Return the starts of boards since a moment, by station. A board that wakes up from deep sleep starts not."""
        rows = self.filter(first_at__gte=at).exclude(reset_cause=ResetCause.DEEP_SLEEP).order_by()
        of_boots = rows.values_list("station_id", "boot").annotate(
            # A number that no report had is of a start that ended before its first one.
            total=Max("start") - Min("start") + 1,
            by_power=Count("start", filter=Q(reset_cause__in=BY_POWER)),
            by_hang=Count("start", filter=Q(reset_cause__in=BY_HANG)),
        )
        found: dict[int, Starts] = {}
        for station, _, *of_boot in of_boots:
            found[station] = Starts(*map(sum, zip(found.get(station, Starts(0, 0, 0)), of_boot, strict=True)))
        return found

    def signals_since(self, at: datetime) -> dict[int, int]:
        """Return the newest signals that boards have told since a moment, in dBm, by station."""
        return self._newest_since("rssi", at)

    def voltages_since(self, at: datetime) -> dict[int, float]:
        """Return the newest voltages that boards have told since a moment, in V, by station."""
        return self._newest_since("voltage", at)

    def _newest_since(self, name: str, at: datetime) -> dict[int, Any]:
        rows = self.filter(last_at__gte=at, **{f"{name}__isnull": False}).order_by("last_at")
        return dict(rows.values_list("station_id", name))


def _row(start: StartKey, told: Told, at_ms: int) -> tuple[float | None, ...]:
    _, cause, up_s, rssi, voltage, heap, failed = told
    failed, failed_at = (failed, at_ms) if failed else (None, None)
    return (*start, at_ms, at_ms, cause, up_s, rssi, rssi, voltage, voltage, heap, heap, failed, failed_at)


_COLUMNS = (
    "station_id, boot, start, first_at, last_at, reset_cause, up_s,"
    " rssi, lowest_rssi, voltage, lowest_voltage, heap, lowest_heap, failed, failed_at"
)
_TYPES = (
    *("integer", "bigint", "bigint", "bigint", "bigint", "smallint", "bigint", "smallint", "smallint"),
    *("double precision", "double precision", "bigint", "bigint", "bigint", "bigint"),
)
_NEWEST = ["reset_cause", "rssi", "voltage", "heap", "failed", "failed_at"]
_LOWEST = ["lowest_rssi", "lowest_voltage", "lowest_heap"]
_CHANGES = [
    *(f"{name} = coalesce(excluded.{name}, kept.{name})" for name in _NEWEST),
    *(
        f"{name} = CASE WHEN excluded.{name} >= kept.{name} THEN kept.{name}"
        f" ELSE coalesce(excluded.{name}, kept.{name}) END"
        for name in _LOWEST
    ),
]
_KEEP = (
    f"INSERT INTO readings_boardstate AS kept ({_COLUMNS}) VALUES {{places}}"  # noqa: S608 - our names
    f" ON CONFLICT (station_id, boot, start) DO UPDATE SET last_at = excluded.last_at, {', '.join(_CHANGES)}"
)
_FORGET = (
    "DELETE FROM readings_boardstate WHERE station_id = %s AND first_at < (SELECT first_at FROM readings_boardstate"  # noqa: S608 - numbers
    f" WHERE station_id = %s ORDER BY first_at DESC LIMIT 1 OFFSET {KEPT - 1})"
)


class BoardState(models.Model):
    """One start of a board, as its reports have told it. What no report has told is None.

    A reset begins another start, and deep sleep does not. Moments are the server's.
    """

    pk = models.CompositePrimaryKey("station", "boot", "start")
    station = models.ForeignKey(Station, models.CASCADE, related_name="board_states", db_index=False)
    boot = models.PositiveBigIntegerField(help_text="As Boot.boot: a new one says that the board was without power.")
    start = models.PositiveBigIntegerField(help_text="Its number within the boot, or 0.")
    first_at = EpochMillisField("first report", db_index=True)
    last_at = EpochMillisField("last report")
    reset_cause = models.PositiveSmallIntegerField(null=True, choices=ResetCause)
    up_s = models.PositiveBigIntegerField(null=True, help_text="Seconds from the start to the first report.")
    rssi = models.SmallIntegerField(null=True, help_text="dBm, the newest.")
    lowest_rssi = models.SmallIntegerField(null=True, help_text="dBm.")
    voltage = models.FloatField(null=True, help_text="V, the newest.")
    lowest_voltage = models.FloatField(null=True, help_text="V.")
    heap = models.PositiveBigIntegerField(null=True, help_text="Free bytes, the newest.")
    lowest_heap = models.PositiveBigIntegerField(null=True, help_text="Free bytes.")
    failed = models.PositiveBigIntegerField(
        null=True, help_text="The newest number of failures, other than 0, between two reports that were taken."
    )
    failed_at = EpochMillisField(null=True, help_text="When that number was told.")

    objects = BoardStateQuerySet.as_manager()

    class Meta:
        verbose_name = "board's start"
        ordering = ["-first_at", "-start"]

    def __str__(self) -> str:
        return f"{self.station} boot {self.boot:08x} start {self.start}"

    @property
    def started_at(self) -> datetime:
        """Return the moment of the start, or of its first report if it has not told."""
        return self.first_at - timedelta(seconds=self.up_s or 0)
