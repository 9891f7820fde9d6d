"""The computer's end of the cable: a person's typing, and the bytes of programs like esptool and mpremote."""

import struct
import time
from types import TracebackType
from typing import Self

import serial

from tests.programs import PATIENCE_S


def packet(command: int, data: bytes, check: int = 0) -> bytes:
    """Return a request of esptool to the loader, not yet in a frame."""
    return struct.pack("<BBHI", 0, command, len(data), check) + data


class Terminal:
    """Keeps the port open as long as the context lasts."""

    def __init__(self, port: str, baud: int = 115_200) -> None:
        self.line = serial.serial_for_url(port, baud, timeout=PATIENCE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.line.close()

    def type(self, keys: bytes) -> None:
        self.line.write(keys)

    def hear(self, ending: bytes) -> bytes:
        """Return everything up to this ending. Fails if the ending does not come."""
        said = self.line.read_until(ending)
        assert said.endswith(ending), said
        return bytes(said)

    def hear_for(self, duration_s: float) -> bytes:
        """Return everything that comes in this time."""
        time.sleep(duration_s)
        return bytes(self.line.read(self.line.in_waiting))

    def enter_raw(self) -> None:
        self.type(b"\r\x03\r\x01")
        self.hear(b"raw REPL; CTRL-B to exit\r\n>")

    def run(self, source: str) -> tuple[str, str]:
        """Run a program in the raw REPL; return its output and its traceback."""
        self.type(source.encode() + b"\x04")
        self.hear(b"OK")
        printed = self.hear(b"\x04")[:-1]
        failure = self.hear(b"\x04")[:-1]
        self.hear(b">")
        return printed.decode(), failure.decode()
