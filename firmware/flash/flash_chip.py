"""The chip that holds a board's program and files: its size, and the mode in which the board reads it."""

from __future__ import annotations

from pathlib import Path

from firmware.flash.errors import (
    FlashSizeError,
    FlashTooSmallError,
    NoRoomForFilesError,
    UnknownFlashError,
    WrongImageError,
)
from firmware.micropython import image_file
from firmware.micropython.image_file import ImageError

# MicroPython's images ask for QIO, in which some boards do not start. Every flash chip can do DOUT, which ESPHome and
# Tasmota write. It is the slowest mode, but a station mostly waits.
MODES = ("qio", "dio", "dout")
MODE = "dout"
# esptool's names. The routines in the ESP8266's ROM end at 4 MB. Written with more than that in its header, MicroPython
# cannot write the radio's calibration data after an erase, and restarts for ever.
SIZES = {"1MB": 2**20, "2MB": 2 * 2**20, "4MB": 4 * 2**20}
LARGEST = "4MB"
SMALLER = ("256KB", "512KB")
SDK_BYTES = 20 * 1024  # The end of the flash, which MicroPython leaves to Espressif's code.
# A station's own files, one segment of the outbox, and the blocks that it leaves free.
MIN_FILES_BYTES = 256 * 1024


def described(size: str | None) -> str:
    """Return a detected size as a person reads it."""
    if size is None:
        return "flash of unknown size"
    return f"{size} of flash" + ("" if size == used(size) else f", of which {LARGEST} are used")


def used(size: str) -> str:
    """Return the part of a detected size that MicroPython can use."""
    return size if size in SIZES or size in SMALLER else LARGEST


def size_for(image: Path, *, port: str, detected: str | None, named: str | None) -> str:
    """Return the size to write into the image's header.

    `detected` is esptool's name, None for a chip that it does not know; `named` is the user's. Raises a FlashError for
    a size that is not known, is not there, or is too small for the image and a station's files.
    """
    size = named or (detected and used(detected))
    if size is None:
        raise UnknownFlashError(port=port)
    if detected in SMALLER:
        raise FlashTooSmallError(size=detected)
    if detected is not None and SIZES[size] > SIZES[used(detected)]:
        raise FlashSizeError(found=detected, named=size)
    if SIZES[size] - SDK_BYTES - _files_at(image) < MIN_FILES_BYTES:
        raise NoRoomForFilesError(path=image, size=size)
    return size


def _files_at(image: Path) -> int:
    try:
        return image_file.inspect(image.read_bytes()).files_at
    except ImageError as error:
        raise WrongImageError(path=image, reason=f"it {error}") from error
    except OSError as error:
        raise WrongImageError(path=image, reason=error.strerror) from error
