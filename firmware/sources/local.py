"""A station in this computer's own database."""

from __future__ import annotations

import secrets
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction

from audit.deeds import record
from firmware.build.build import BuildError, build
from firmware.models import Equipment, MicroPythonImage, NotReadyError
from firmware.sources.address import board_address
from firmware.sources.base import Bundle, OtherBoardError, SourceError, StationFacts
from stations.mac import parse_mac
from stations.models import Key, Station

NO_IMAGE = (
    "There is no MicroPython for the board yet: run `python manage.py fetch_micropython`, or add an image in the "
    "admin; or give the path of one with --micropython."
)


class LocalSource:
    """A Source backed by the registry. The API uses one too, to answer flashing from elsewhere."""

    def __init__(self, station: Station) -> None:
        self._pk = station.pk

    def station(self) -> StationFacts:
        station = self._station()
        return StationFacts(station.pk, station.name, station.mac, station.simulated)

    def check_mac(self, mac: str, *, replace: bool = False) -> None:
        _give(self._station(), parse_mac(mac), replace)

    def take_mac(self, mac: str, *, replace: bool = False) -> None:
        with transaction.atomic():
            station = Station.objects.select_for_update().get(pk=self._pk)
            _give(station, parse_mac(mac), replace)
            station.take_mac()

    def bundle(self, server_url: str | None = None, interval_s: int | None = None, *, mac: str | None = None) -> Bundle:
        """Return the files. The key is issued last: a failed build replaces no pending key."""
        key = secrets.token_hex(16)
        files = self.files(key, server_url, interval_s, mac=mac)
        with transaction.atomic():
            issued = Key.objects.replace_pending(self._station(), key)
            record("files for a board taken", station=self._station(), what=f"key …{issued.hint}")
        return Bundle(issued.pk, files)

    def files(
        self, key: str, server_url: str | None = None, interval_s: int | None = None, *, mac: str | None = None
    ) -> dict[str, bytes]:
        """Return the files of a bundle with a key that the caller issues. Raises SourceError.

        `interval_s` replaces the station's own, for a simulated board.
        """
        station = self._station()
        if not station.active:
            raise SourceError(
                f"{station} is inactive, so its readings would be refused: tick “active” on its page first."
            )
        station.interval_s = interval_s or station.interval_s
        station.mac = parse_mac(mac) if mac else station.mac  # For the files: take_mac stores it.
        try:
            return build(Equipment.objects.recipe(station, key, board_address(server_url)))
        except (NotReadyError, BuildError) as error:
            raise SourceError(str(error)) from error

    def image(self, path: Path | None = None) -> Path:
        return given_image(path) if path else _copy_of(present(MicroPythonImage.objects.newest()))

    def has_reported(self, bundle: Bundle) -> bool:
        return has_been_used(Key.objects.filter(pk=bundle.key_id, station_id=self._pk).first())

    def _station(self) -> Station:
        """Return the station as it is now: a flash takes minutes, and an administrator may change it meanwhile."""
        return Station.objects.get(pk=self._pk)


def present(image: MicroPythonImage | None, missing: str = NO_IMAGE) -> MicroPythonImage:
    """Return the image. Raises SourceError if there is none or its content is missing."""
    if image is None or not image.is_there:
        raise SourceError(missing)
    return image


def _copy_of(image: MicroPythonImage) -> Path:
    try:
        return image.copied()
    except OSError as error:
        folder = MicroPythonImage.objects.folder()
        raise SourceError(f"{folder} cannot be written ({error.strerror}): make room, or set VAR_DIR.") from error


def has_been_used(key: Key | None) -> bool:
    """Tell whether a key was ever used. Raises SourceError if it never will be."""
    if key is None or (key.first_used_at is None and key.ended_at is not None):
        raise SourceError("Another key has been issued for the station since, or this one was ended: flash it again.")
    return key.first_used_at is not None


def given_image(path: Path) -> Path:
    """Return the path of an existing file. Raises SourceError if there is none."""
    if not path.is_file():
        raise SourceError(f"There is no file {path}: give --micropython the path of a MicroPython image (.bin).")
    return path


def _give(station: Station, mac: str, replace: bool) -> None:
    """Set the MAC of an unsaved station. Raises SourceError if it may not have it."""
    if station.mac and station.mac != mac and not replace:
        raise OtherBoardError(f"{station} has the board {station.mac}, but this one is {mac}.")
    station.mac = mac
    try:
        station.full_clean(exclude=[field.name for field in Station._meta.fields if field.name != "mac"])
    except ValidationError as error:
        raise SourceError(" ".join(error.messages)) from error
