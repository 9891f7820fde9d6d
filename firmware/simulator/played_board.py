"""A simulated station's board on this computer: the folder with its files, and the place of its weather."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from firmware.build import output_folder
from firmware.simulator.weather import Place, sensor_values
from firmware.sources import Bundle, LocalSource
from firmware.sources.address import board_address
from freetemp.conf.loopback import is_loopback
from freetemp.listening import Address
from stations.models import Station


class PlayedAlreadyError(Exception):
    """The station is simulated by another process. The message is a sentence with the next thing to try."""


def folder_of(station: Station) -> Path:
    """Return the folder of a station's simulated board. It stays from one simulation to the next."""
    return Path(settings.VAR_DIR, "simulated", str(station.pk))


def fill(station: Station, board: Path, url: str, interval_s: int | None) -> Bundle:
    """Put the station's files into its board's folder, with a new key. The outbox stays, as on a real board."""
    source = LocalSource(station)
    if not station.mac:
        source.take_mac(f"02{secrets.token_hex(5)}")  # 02: locally administered, so no real board has it (IEEE 802).
    bundle = source.bundle(url, interval_s)
    output_folder.fill(bundle.files, board)
    return bundle


def server_of(url: str | None) -> str:
    """Return the server to which a simulated board reports. Loopback is fine here. Raises SourceError.

    With TLS, only the address for boards works.
    """
    return url or (board_address() if settings.TLS else settings.SERVER_URL)


def is_nobody_at(url: str) -> bool:
    """Tell whether an address is this computer's own, and nothing listens there."""
    parts = urlsplit(url)
    if not is_loopback(url) or parts.scheme != "http":
        return False
    try:
        return not Address(parts.hostname or "", parts.port or 80).answers()
    except ValueError:  # No port: the build has the sentence.
        return False


def place_of(station: Station) -> Place:
    """Return a station's place. A plausible default stands in for each missing coordinate."""
    names = ("latitude", "longitude", "elevation_m")
    return Place(station.name, **{name: value for name in names if (value := getattr(station, name)) is not None})


def surroundings(place: Place, sensors: list[dict[str, Any]], at_s: float) -> dict[str, Any]:
    """Return the weather as facts for the board's world: rain and wind close the switches that its sensors watch."""
    weather = sensor_values(place, at_s)
    hertz = {}
    for sensor in sensors:
        if sensor["driver"] == "rain_gauge":
            hertz[str(sensor["data"])] = weather["rain"] / 3600 / (sensor["tip_mm"] / 10_000)
        elif sensor["driver"] == "anemometer":
            hertz[str(sensor["data"])] = weather["wind_speed"] / (sensor["speed"] / 10_000)
    return weather | {"hertz": hertz}


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Prevent a second simulation of the station: two would end each other's keys. Raises PlayedAlreadyError."""
    import fcntl  # Not on Windows, where there is no MicroPython either.

    output_folder.make_private(folder)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PlayedAlreadyError("This station is being simulated already: stop that one first.") from error
        yield
