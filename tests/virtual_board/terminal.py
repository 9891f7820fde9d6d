"""The computer's end of the cable: what a person types, and what programs like esptool and mpremote send."""

import struct
import time
from types import TracebackType
from typing import Self

import serial

TIMEOUT_S = 20  # as long as no test waits


def packet(command: int, data: bytes, check: int = 0) -> bytes:
    """Return what esptool asks the loader, not yet in a frame."""
    return struct.pack("<BBHI", 0, command, len(data), check) + data


class Terminal:
    """The port is open as long as the context lasts."""

    def __init__(self, port: str, baud: int = 115_200) -> None:
        self.line = serial.serial_for_url(port, baud, timeout=TIMEOUT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.line.close()

    def type(self, keys: bytes) -> None:
        self.line.write(keys)

    def hear(self, ending: bytes) -> bytes:
        """Return what comes up to this ending; fails where it does not come."""
        said = self.line.read_until(ending)
        assert said.endswith(ending), said
        return bytes(said)

    def hear_for(self, duration_s: float) -> bytes:
        """Return what comes meanwhile."""
        time.sleep(duration_s)
        return bytes(self.line.read(self.line.in_waiting))

    def enter_raw(self) -> None:
        self.type(b"\r\x03\r\x01")
        self.hear(b"raw REPL; CTRL-B to exit\r\n>")

    def run(self, source: str) -> tuple[str, str]:
        """Run it in the raw REPL; return what it prints and its traceback."""
        self.type(source.encode() + b"\x04")
        self.hear(b"OK")
        printed = self.hear(b"\x04")[:-1]
        failure = self.hear(b"\x04")[:-1]
        self.hear(b">")
        return printed.decode(), failure.decode()
