"""Stores what the reports of a group say of devices of other makers."""

from __future__ import annotations

from collections.abc import Iterable

from freetemp.kept import Kept
from readings.ingest.reports import Batch, SingleValue
from readings.models.device_state import DeviceState, DeviceTold
from stations.models import Holder

EVERY_MS = 300_000  # A row is written so often, unless a battery is news: devices report every few seconds.

_written: Kept[int, tuple[str | None, int]] = Kept(5_000)  # by this process: the batteries, and when


def keep_devices(reports: Iterable[tuple[SingleValue | Batch, Holder]], now_ms: int) -> None:
    """Write what reports say of their devices where it is news, or due."""
    due: dict[int, DeviceTold] = {}
    for report, holder in reports:
        if isinstance(report, Batch) and report.device is not None and _is_due(holder.station, report.device, now_ms):
            due[holder.station] = report.device
    if due:
        DeviceState.objects.keep(due, now_ms)
    for station, told in due.items():
        _written.put(station, (told.low_batteries, now_ms))


def _is_due(station: int, told: DeviceTold, now_ms: int) -> bool:
    batteries, written_ms = _written.get(station) or (None, 0)
    is_news = told.low_batteries is not None and told.low_batteries != batteries
    return is_news or not written_ms <= now_ms < written_ms + EVERY_MS


def forget_written() -> None:
    _written.clear()
