"""The cable: a pseudo-terminal whose path stays the same when it is pulled and plugged again."""

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

ANOTHER_BAUD = 74_880  # What termios has no name for is taken for the rate of the ESP8266's boot messages.
PATIENCE_S = 2.0
_BAUDS = {getattr(termios, name): int(name[1:]) for name in dir(termios) if re.fullmatch(r"B\d+", name)}


class Pty:
    """`path` is what the programs open: a link, so that mpremote does not take it for QEMU's."""

    has_modem_lines = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self._master = self._slave = -1
        self._stalled = False
        self.plug()

    @property
    def port(self) -> str:
        return str(self.path)

    @property
    def plugged(self) -> bool:
        return self._master >= 0

    @property
    def filenos(self) -> list[int]:
        return [self._master] if self.plugged else []

    @property
    def baud(self) -> int:
        """What the program at the other end has set."""
        return _BAUDS.get(termios.tcgetattr(self._slave)[5], ANOTHER_BAUD)

    def plug(self) -> None:
        """The other end is kept open here too: else the terminal would forget with each program that it is raw."""
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path.symlink_to(os.ttyname(self._slave))

    def unplug(self) -> None:
        """Hang up: whoever has the port open gets EIO or the end of the file."""
        self.path.unlink()
        for fd in (self._slave, self._master):
            os.close(fd)
        self._master = self._slave = -1

    def read(self) -> bytes:
        try:
            return os.read(self._master, 65_536)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> None:
        """Send; what nobody reads is lost after a while, as on a real line."""
        while data:
            patience_s = 0 if self._stalled else PATIENCE_S
            self._stalled = not select.select([], [self._master], [], patience_s)[1]
            if self._stalled:
                return
            data = data[os.write(self._master, data) :]

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have the port open exclusively, as another program would that uses pyserial."""
        fd = os.open(self.path, os.O_RDWR | os.O_NOCTTY)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)
