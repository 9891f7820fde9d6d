"""Every way that flashing a board can fail: one sentence each, with the next thing to try."""

from __future__ import annotations

from typing import ClassVar


class FlashError(Exception):
    """A board cannot be flashed. The facts, by name, fill the class's sentence."""

    sentence: ClassVar[str]

    def __init__(self, **facts: object) -> None:
        super().__init__(self.sentence.format(**facts))


class PortError(FlashError):
    """The port cannot be opened."""


class NoSuchPortError(PortError):
    sentence = "There is no port {port}: {seen}"


class PortBusyError(PortError):
    sentence = (
        "{port} is in use: close the program that has it open, such as a serial monitor or another flash, "
        "then run this again."
    )


class NoPermissionError(PortError):
    sentence = (
        "You may not open {port}, which belongs to the group {group}: run `sudo usermod -aG {group} $USER`, log out "
        "and in again, then run this again."
    )


class UnusablePortError(PortError):
    sentence = "{port} cannot be opened ({reason}): unplug the board, plug it in again, then run this again."


class NothingAnswersError(FlashError):
    sentence = (
        "Nothing answers on {port}: try another USB cable, since many only charge, then hold the board's FLASH button "
        "while you press RST, and run this again."
    )


class NotAnESP8266Error(FlashError):
    sentence = (
        "The board on {port} has the chip {chip}, not an ESP8266: plug in the station's own board, or name its port "
        "with --port, then run this again."
    )


class AnotherBoardError(FlashError):
    sentence = (
        "The board on {port} has the MAC {found}, and {station} has {expected}: plug in the station's own board, or "
        "run this again with --replace-mac if this board takes its place."
    )


class MadeUpMacError(FlashError):
    """The station's address is one that a program made up."""

    sentence = (
        "The board on {port} has the MAC {found}, and {station} has {expected}, which no board has: it was made up for "
        "a program. Run this again with --replace-mac, and the board takes the program's place."
    )


class SimulatedStationError(FlashError):
    sentence = (
        "{station} is marked as simulated, and no board may take its place: run `python manage.py simulate_station "
        "{id}`, or take the mark away in the admin."
    )


class WrongImageError(FlashError):
    sentence = (
        "{path} is not MicroPython for the ESP8266 ({reason}): run `python manage.py fetch_micropython`, or name "
        "another file with --micropython."
    )


class ImageTooLargeError(FlashError):
    sentence = (
        "{path} does not fit into this board's flash: name another file with --micropython, or take a board with 4 MB "
        "of flash."
    )


class UnknownFlashError(FlashError):
    sentence = (
        "esptool does not know the flash chip of the board on {port}: run this again with --flash-size 1MB, 2MB or "
        "4MB, as the board's seller says. A chip with 80 at the end of its name has 1MB, with 16 it has 2MB, with 32 "
        "4MB."
    )


class FlashSizeError(FlashError):
    sentence = "The board has {found} of flash, and not {named}: run this again without --flash-size."


class FlashTooSmallError(FlashError):
    sentence = "The board has {size} of flash, and a station needs 1MB: take another board."


class NoRoomForFilesError(FlashError):
    sentence = (
        "{path} keeps no room for a station's files on a board with {size} of flash: run `python manage.py "
        "fetch_micropython --board ESP8266_GENERIC-FLASH_1M`, then name the file that it prints with --micropython."
    )


class SpeedError(FlashError):
    sentence = "{port} cannot do {baud} bit/s: run this again with --baud 115200."


class FlashMismatchError(FlashError):
    sentence = (
        "The flash does not hold what was written to it: run this again with --baud 115200; if that says the same, "
        "the board's flash is worn out and another board is needed."
    )


class BoardGoneError(FlashError):
    sentence = (
        "The board went away during “{step}”: check its cable, then run this again. The key that the station used so "
        "far still works."
    )


class NoMicroPythonError(FlashError):
    """With --files-only: what is on the board is not known."""

    sentence = (
        "MicroPython does not answer on {port}: press the board's RST button and run this again at once; if that says "
        "the same, run it without --files-only."
    )


class FlashModeError(FlashError):
    """After a write in one of the quicker modes."""

    sentence = (
        "MicroPython does not answer on {port}, as where a flash chip cannot be read in the mode {mode}: run this "
        "again with --flash-mode dout, which every chip can do."
    )


class NotStartedError(FlashError):
    """After a write in the mode that every chip can do."""

    sentence = (
        "MicroPython is on the board on {port}, and does not start: unplug the sensor, since a wire on GPIO0, GPIO2 or "
        "GPIO15 can keep a board from starting, and run this again. If that says the same, try another USB port, which "
        "may give more power, and then another board."
    )


class OldMicroPythonError(FlashError):
    sentence = (
        "The board runs MicroPython {version}, which loads .mpy files of version {found}, not 6: run this again "
        "without --files-only, or name an image of MicroPython 1.20 or newer with --micropython."
    )


class BoardFullError(FlashError):
    sentence = (
        "The board's file system is full: run this again without --files-only, which erases it together with the "
        "readings that wait there, or take a board with 4 MB of flash."
    )


class FileMismatchError(FlashError):
    sentence = "{file} is not on the board as it was sent: run this again, without --files-only if you gave it."


class NoReadingError(FlashError):
    sentence = (
        "No reading arrived within {seconds} s: check the WiFi's name and password, and that the board can reach "
        "{server} from there, then run this again with --files-only. {printed}"
    )


class ProgramError(FlashError):
    """esptool or mpremote stopped for a reason that has no sentence of its own."""

    sentence = "{program} stopped during “{step}” ({reason}): unplug the board, plug it in again, then run this again."


class NoProgramError(FlashError):
    sentence = "{program} is not installed: run `pip install -r requirements/base.txt`, then run this again."
