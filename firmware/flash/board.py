"""The board as its boot loader shows it, through esptool: its chip, its address, its flash."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from firmware.flash import flash_chip, ports
from firmware.flash.errors import (
    BoardGoneError,
    FlashError,
    FlashMismatchError,
    ImageTooLargeError,
    NotAnESP8266Error,
    NothingAnswersError,
    ProgramError,
    SpeedError,
    WrongImageError,
)
from firmware.flash.programs import ProgramFailed, run
from firmware.micropython import image_file
from firmware.micropython.image_file import ImageError

CHIP = "ESP8266"
ERASED_PERCENT = 20.0  # Roughly, of the whole step's time. esptool prints nothing while a chip erases itself.
SILENCE_S = 180.0  # Erasing may take two minutes; esptool itself ends every other wait, and sooner.

_CHIP = re.compile(r"Connected to (\S+) on")
_MAC = re.compile(r"MAC:\s+((?:[0-9a-f]{2}:){5}[0-9a-f]{2})$")
_FLASH = re.compile(r"Detected flash size:\s+(\d+[KM]B)$")
_PERCENT = re.compile(r"Writing at .*?(\d+(?:\.\d+)?)\s*%")
# esptool 5 prints one of these when the board vanishes during its work. The last two: Windows, and a pseudo-terminal.
_GONE = re.compile(
    r"serial exception|Lost connection|stopped responding|No more data to read|device disconnected|Write timeout|"
    r"ClearCommError|Input/output error",
    re.IGNORECASE,
)
_UNCHANGED = "not changing any flash settings"  # esptool writes such an image as it is, and succeeds.
_SAYS: list[tuple[str, type[FlashError]]] = [
    (r"MD5 of file does not match|written flash region is empty", FlashMismatchError),
    (r"will not fit in", ImageTooLargeError),
    (r"Failed to set baud rate", SpeedError),
    (r"Failed to connect|No serial data received|Invalid head of packet|Wrong boot mode", NothingAnswersError),
]


class Found(NamedTuple):
    """An ESP8266 as its boot loader shows it."""

    mac: str  # As 6c:ef:7f:3b:9d:e8.
    flash_size: str | None  # As esptool calls it, like 4MB; None for a chip that it does not know.


def look(port: str, on_percent: Callable[[float], None]) -> Found:
    """Return the facts of the ESP8266 on a port. The board restarts afterwards."""
    ports.check(port)
    # Without the stub loader, since nothing is written: it is quicker. esptool says the MAC beside the flash.
    lines = _esptool("look", {"port": port}, ["--port", port, "--no-stub", "flash-id"], _marks(on_percent))
    chip = _first(_CHIP, lines)
    mac = _first(_MAC, lines)
    if chip != CHIP or mac is None:
        raise NotAnESP8266Error(port=port, chip=chip or "unknown chip")
    return Found(mac, _first(_FLASH, lines))


def check_image(path: Path) -> None:
    """Raise WrongImageError for a file that is damaged, or for another chip."""
    try:
        facts = image_file.inspect(path.read_bytes())
        if not facts.has_own_md5:
            _check_sum(path)
    except ImageError as error:
        raise WrongImageError(path=path, reason=f"it {error}") from error
    except OSError as error:
        raise WrongImageError(path=path, reason=error.strerror) from error


def _check_sum(path: Path) -> None:
    """Check the checksum that the boot ROM checks too, for an image without an MD5 of its own."""
    try:
        lines = run("esptool", ["--chip", CHIP.lower(), "image-info", str(path)], SILENCE_S)
    except ProgramFailed as error:
        raise WrongImageError(path=path, reason=error.reason) from error
    if not any(line.startswith("Checksum:") and line.endswith("(valid)") for line in lines):
        raise WrongImageError(path=path, reason="its checksum is wrong")


def write(
    port: str,
    image: Path,
    baud: int,
    on_percent: Callable[[float], None],
    *,
    flash_size: str | None = None,
    flash_mode: str = flash_chip.MODE,
) -> None:
    """Erase the whole flash, write an image at its beginning and compare its MD5. The board restarts afterwards.

    esptool writes size and mode into the image's header. Neither MicroPython's own MD5 nor the checksum of the boot ROM
    covers them, so the image stays valid. MicroPython finds the place of its file system by this size: without one, the
    board is asked first.
    """
    size = flash_size or flash_chip.size_for(image, port=port, detected=look(port, ignore_percent)[1], named=None)
    header = ["--flash-size", size, "--flash-mode", flash_mode]

    def follow(line: str) -> None:
        if line.startswith("Flash memory erased"):
            on_percent(ERASED_PERCENT)
        elif found := _PERCENT.match(line):
            on_percent(ERASED_PERCENT + float(found[1]) * (95 - ERASED_PERCENT) / 100)

    command = ["--port", port, "--baud", str(baud), "write-flash", "--erase-all", *header, "0", str(image)]
    lines = _esptool("write", {"port": port, "baud": baud, "path": image}, command, follow)
    if any(_UNCHANGED in line for line in lines):
        raise WrongImageError(path=image, reason="esptool cannot read its header")


def ignore_percent(percent: float) -> None:
    """Ignore how far a short step is."""


def _esptool(step: str, facts: dict[str, object], arguments: list[str], on_line: Callable[[str], None]) -> list[str]:
    """Run esptool and turn its failure messages into a sentence."""

    def follow(line: str) -> None:
        if line.startswith("Lost connection"):  # esptool would wait, but a chip without power has lost its state.
            raise BoardGoneError(step=step)
        on_line(line)

    try:
        return run("esptool", arguments, SILENCE_S, follow)
    except ProgramFailed as error:
        raise _sentence(step, facts, error) from error


def _sentence(step: str, facts: dict[str, object], failed: ProgramFailed) -> FlashError:
    if not ports.is_there(str(facts["port"])) or _GONE.search(failed.text):
        return BoardGoneError(step=step)
    if (chip := _first(_CHIP, failed.lines)) not in (None, CHIP):  # Not every chip lets its flash be asked.
        return NotAnESP8266Error(port=facts["port"], chip=chip)
    for says, error in _SAYS:
        if re.search(says, failed.text):
            return error(**facts)
    return ProgramError(program=failed.program, step=step, reason=failed.reason)


def _marks(on_percent: Callable[[float], None]) -> Callable[[str], None]:
    """Return a callback that reports progress from the lines that esptool prints during a look."""
    percents = {"Connecting": 30.0, "Connected": 60.0, "MAC:": 80.0, "Detected flash size": 90.0}

    def follow(line: str) -> None:
        for mark, percent in percents.items():
            if line.startswith(mark):
                on_percent(percent)

    return follow


def _first(pattern: re.Pattern[str], lines: list[str]) -> str | None:
    return next((found[1] for line in lines if (found := pattern.match(line))), None)
