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
        "{path} does not fit into this board's flash: a station needs a board with 4 MB, or name another file with "
        "--micropython."
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
    sentence = (
        "MicroPython does not answer on {port}: press the board's RST button and run this again at once, without "
        "--files-only if you gave it."
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
