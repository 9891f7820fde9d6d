"""Sentences that tell what is still missing before a station's board can be flashed."""

from __future__ import annotations

from collections.abc import Callable

from firmware.models import Equipment, MicroPythonImage, NotReadyError
from firmware.sources import SourceError
from firmware.sources.address import board_address
from stations.models import Station
from stations.simulation import simulation_command

NO_IMAGE = (
    "There is no MicroPython yet: run `python manage.py fetch_micropython`, or upload an image in the admin, under "
    "MicroPython images."
)


def command_for(station: Station, server: str = "") -> str:
    """Return the command that flashes a station's board, or runs a simulated one."""
    if station.simulated:
        return simulation_command(station.pk)
    return f"python manage.py flash_station {station.pk} --port PORT" + (f" --server {server}" if server else "")


def missing(station: Station) -> list[str]:
    """Return a sentence for each thing to do first, none if the command can run."""
    equipment = Equipment.objects.of(station)
    reasons = [_reason(each) for each in (equipment.check_active, equipment.networks, equipment.sensors)]
    if not station.simulated:
        reasons += [_no_image(), _unreachable()]
    return [reason for reason in reasons if reason]


def _reason(ask: Callable[[], object]) -> str:
    try:
        ask()
    except NotReadyError as error:
        return str(error)
    return ""


def _no_image() -> str:
    newest = MicroPythonImage.objects.newest()
    return "" if newest and newest.is_there else NO_IMAGE


def _unreachable() -> str:
    try:
        board_address()
    except SourceError as error:
        return str(error)
    return ""
