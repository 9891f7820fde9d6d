"""Serial ports: finding them, telling a likely board, and explaining why one cannot be opened."""

from __future__ import annotations

import errno
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import serial
from serial.tools import list_ports

from firmware.flash.errors import NoPermissionError, NoSuchPortError, PortBusyError, PortError, UnusablePortError

try:
    import termios

    # pyserial lets this error through when a terminal vanishes while it is being opened.
    OPENING_ERRORS: tuple[type[Exception], ...] = (OSError, ValueError, termios.error)
except ImportError:  # Windows
    OPENING_ERRORS = (OSError, ValueError)

LineError = serial.SerialException  # The port vanished while it was open.

# The USB bridges of ESP8266 boards, by vendor and product: Linux's drivers/usb/serial/*.c, and WCH's own drivers.
BRIDGES = {
    (0x10C4, 0xEA60): "CP210x",
    (0x1A86, 0x7523): "CH340",
    (0x1A86, 0x7522): "CH340",
    (0x1A86, 0x5523): "CH341",
    (0x1A86, 0x55D4): "CH9102",
    (0x1A86, 0x55D3): "CH343",
    (0x0403, 0x6001): "FTDI FT232",
    (0x0403, 0x6015): "FTDI FT231X",
    (0x067B, 0x2303): "PL2303",
}
BAUD = 115_200  # MicroPython's REPL, and the speed at which esptool begins.
READ_S = 0.2  # How long a read waits for a board's output.
RESET_S = 0.1
PATTERNS = {
    "win32": "On Windows a board is like COM4; where none appears, install the driver of its USB chip (CP210x, CH340).",
    "darwin": "On macOS a board is like /dev/cu.SLAB_USBtoUART, /dev/cu.usbserial-0001 or /dev/cu.wchusbserial10.",
    "linux": "On Linux a board is like /dev/ttyUSB0 or /dev/ttyACM0.",
}


@dataclass(frozen=True)
class Port:
    """A serial port of this computer."""

    device: str  # COM4, /dev/ttyUSB0, /dev/cu.SLAB_USBtoUART
    bridge: str  # The USB chip's name, "" for one that ESP8266 boards do not use.
    about: str

    @property
    def is_likely(self) -> bool:
        return bool(self.bridge)

    def __str__(self) -> str:
        return f"{self.device} ({self.bridge or self.about})" if self.bridge or self.about else self.device


def find(found: Iterable[Any] | None = None) -> list[Port]:
    """Return this computer's serial ports, the likely ones first. `found` is pyserial's list."""
    ports = [_port(each) for each in (list_ports.comports() if found is None else found)]
    return sorted(ports, key=lambda port: (not port.is_likely, port.device))


def _port(found: Any) -> Port:
    """Return a port of pyserial's list. pyserial describes an unknown port as "n/a"."""
    about = "" if found.description in (None, "n/a") else found.description
    return Port(found.device, BRIDGES.get((found.vid, found.pid), ""), about)


def explain(ports: list[Port], platform: str = sys.platform) -> str:
    """Return the choices for a person, a line for each port, and the usual port names of this platform."""
    lines = [f"  {port}{'  <- likely the board' if port.is_likely else ''}" for port in ports]
    if not ports:
        lines = ["  none: plug in the board with a cable that carries data, since many only charge"]
    return "\n".join(["Serial ports of this computer:", *lines, PATTERNS.get(platform, PATTERNS["linux"])])


@contextmanager
def opened(port: str) -> Iterator[Any]:
    """Open a port for this program alone, and close it without restarting the board.

    PortError says why it cannot be opened. A board restarts if RTS is set while DTR is not, so RTS is cleared first.
    """
    try:
        line = serial.serial_for_url(port, BAUD, exclusive=True, timeout=READ_S)
    except OPENING_ERRORS as error:  # ValueError: pyserial knows no such kind of address.
        raise trouble(port, error) from error
    try:
        yield line
    finally:
        with suppress(OSError):  # The port has no such lines, or is gone.
            line.rts = False
            line.dtr = False
        line.close()


def check(port: str) -> None:
    """Open and close a port. PortError says why it cannot be opened."""
    with opened(port):
        pass


def reset(port: str) -> bool:
    """Reset the board by RTS, which boards with USB wire to their reset pin; False if a port has no such line."""
    with opened(port) as line:
        return pulse_reset(line)


def pulse_reset(line: Any) -> bool:
    """Reset the board as reset() does, on a port that is open."""
    try:
        line.dtr = False
        line.rts = True
        time.sleep(RESET_S)
        line.rts = False
    except OSError as error:
        if error.errno in (errno.ENOTTY, errno.EINVAL):  # A pseudo-terminal.
            return False
        raise
    return True


def is_there(port: str) -> bool:
    """Tell whether a port can still be found: it vanishes when its cable is pulled."""
    try:
        check(port)
    except PortError as error:
        return not isinstance(error, NoSuchPortError)
    return True


def trouble(port: str, error: Exception) -> PortError:
    """Turn an error from opening a port into a sentence. pyserial keeps errno on POSIX, on Windows only the text."""
    text = str(error)
    number = getattr(error, "errno", None)
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO) or "FileNotFoundError" in text:
        return NoSuchPortError(port=port, seen=_seen())
    if number == errno.EACCES:
        return NoPermissionError(port=port, group=_group(port))
    if number in (errno.EBUSY, errno.EAGAIN) or "exclusively lock" in text or "PermissionError" in text:
        return PortBusyError(port=port)
    return UnusablePortError(port=port, reason=text)


def _seen() -> str:
    ports = find()
    if not ports:
        return "this computer has none, so plug in the board with a cable that carries data, and run this again."
    return f"this computer has {', '.join(map(str, ports))}; name the board's with --port."


def _group(port: str) -> str:
    """Return the group that owns a device node: dialout on Debian and Fedora, uucp on Arch."""
    try:
        return Path(port).group()
    except (OSError, KeyError, NotImplementedError):  # The port is gone, its group has no name, or this is Windows.
        return "dialout"
