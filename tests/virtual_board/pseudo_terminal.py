"""A pseudo-terminal as a cable: it has no DTR and RTS."""

import fcntl
import os
import pty
import re
import select
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.virtual_board.cable import LOST_AFTER_S, Cable

ANOTHER_BAUD = 74_880  # A rate that termios cannot name is taken for that of the ESP8266's boot messages.
_BAUDS = {getattr(termios, name): int(name[1:]) for name in dir(termios) if re.fullmatch(r"B\d+", name)}


class PseudoTerminal(Cable):
    """`port` is a link to the current terminal."""

    has_modem_lines = False

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.port = str(path)
        self._path = path
        self._stalled = False

    @property
    def filenos(self) -> list[int]:
        return [self._master] if self.plugged else []

    def plug(self) -> None:
        """Plug in. The programs' end stays open here too, or the terminal would forget raw mode after each program."""
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._path.symlink_to(os.ttyname(self._slave))
        self.plugged, self._stalled = True, False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the port by flock, as pyserial does."""
        fd = os.open(self.port, os.O_RDWR | os.O_NOCTTY)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)

    def _read_baud(self) -> int:
        return _BAUDS.get(termios.tcgetattr(self._slave)[5], ANOTHER_BAUD)

    def _hang_up(self) -> None:
        """Hang up: a program that has the terminal open gets EIO, or the end of the file."""
        self._path.unlink()
        for fd in (self._slave, self._master):
            os.close(fd)

    def _receive(self) -> bytes:
        try:
            return os.read(self._master, 65_536)
        except BlockingIOError:
            return b""

    def _transmit(self, data: bytes) -> None:
        """Transmit bytes. After a loss, do not wait again until somebody reads."""
        while data:
            patience_s = 0.0 if self._stalled else LOST_AFTER_S
            self._stalled = not select.select([], [self._master], [], patience_s)[1]
            if self._stalled:
                return
            data = data[os.write(self._master, data) :]
