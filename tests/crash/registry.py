"""The stations that the clients of these tests report as, and those of the soak."""

from __future__ import annotations

from collections.abc import Sequence

from tests.crash.client import Board, Console

ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York")


def register(count: int, numbers: Sequence[int]) -> list[Board]:
    """Register stations with field 1 and others, in zones by turns.

    Field 2 has a smallest plausible value, and others have no limits.
    """
    from stations.models import Field, Key, Station

    boards = []
    for n in range(count):
        mac = f"02:00:00:00:00:{n:02x}"
        station = Station.objects.create(name=f"Board {n}", mac=mac, timezone=ZONES[n % len(ZONES)], interval_s=1)
        station.fields.update(smallest=None, largest=None)
        Field.objects.bulk_create(
            Field(station=station, number=number, name=f"field {number}", smallest=0 if number == 2 else None)
            for number in numbers
        )
        boards.append(Board(station.pk, mac, Key.objects.issue(station)))
    return boards


def register_consoles(count: int) -> list[Console]:
    """Register stations of another maker's devices, whose field has the unit in which they report."""
    from stations.models import Key, Station

    consoles = []
    for n in range(count):
        station = Station.objects.create(name=f"Console {n}", device="wunderground", interval_s=1)
        station.fields.create(number=1, name="temperature", unit="degF", source="tempf", smallest=-1e9)
        consoles.append(Console(station.pk, Key.objects.issue(station)))
    return consoles
