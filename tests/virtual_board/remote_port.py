"""A port behind RFC 2217, a serial line over TCP, as a cable: it has DTR and RTS, which reset the board."""

import contextlib
import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

from serial.rfc2217 import PortManager

from tests.virtual_board.cable import LOST_AFTER_S, Cable


class ResetCircuit:
    """The two transistors of a NodeMCU (schematic "DEVKIT V1.0"): RTS without DTR holds RST low, DTR without RTS GPIO0.

    A program that changes one line after the other has both asserted for a moment, while a capacitor holds RST low a
    little longer: so GPIO0 counts after that.
    """

    def __init__(self) -> None:
        self._lines = {"dtr": False, "rts": False}
        self._held = False
        self.into_loader: bool | None = None  # the target of the last reset, until it is taken

    def set(self, line: str, asserted: bool) -> None:
        self._lines[line] = asserted
        dtr, rts = self._lines["dtr"], self._lines["rts"]
        if rts and not dtr:
            self._held = True
        elif self._held and not rts:
            self._held = False
            self.into_loader = dtr


class Settings(SimpleNamespace):
    """The serial port that pyserial's server believes it has."""

    def __init__(self, circuit: ResetCircuit) -> None:
        lines = dict.fromkeys(("xonxoff", "rtscts", "cts", "dsr", "ri", "cd"), False)
        super().__init__(baudrate=115_200, bytesize=8, parity="N", stopbits=1, **lines)
        self._circuit = circuit

    def __setattr__(self, name: str, value: object) -> None:
        if name in ("dtr", "rts"):
            self._circuit.set(name, bool(value))
        else:
            super().__setattr__(name, value)

    def reset_input_buffer(self) -> None:
        """Nothing is kept here."""

    reset_output_buffer = reset_input_buffer


class RemotePort(Cable):
    """`port` is an rfc2217:// address; one program at a time is served."""

    has_modem_lines = True

    def __init__(self) -> None:
        super().__init__()
        self._address = ("127.0.0.1", 0)
        self._connection: socket.socket | None = None
        self._circuit = ResetCircuit()

    @property
    def filenos(self) -> list[int]:
        if not self.plugged:
            return []
        return [(self._connection or self._listener).fileno()]

    def plug(self) -> None:
        self._listener = socket.create_server(self._address)
        self._address = self._listener.getsockname()
        self.port = "rfc2217://{}:{}".format(*self._address)
        self._settings = Settings(self._circuit)
        self.plugged = True

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the port: a second program gets no answer."""
        with socket.create_connection(self._address):
            yield

    def take_reset(self) -> bool | None:
        taken, self._circuit.into_loader = self._circuit.into_loader, None
        return taken

    def _read_baud(self) -> int:
        return int(self._settings.baudrate)

    def _hang_up(self) -> None:
        self._drop()
        self._listener.close()

    def _drop(self) -> None:
        """Drop the program: both lines fall without one."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._circuit.set("rts", False)
        self._circuit.set("dtr", False)

    def _receive(self) -> bytes:
        if not select.select(self.filenos, [], [], 0)[0]:
            return b""
        if self._connection is None:
            self._accept()
            return b""
        try:
            data = self._connection.recv(65_536)
        except OSError:
            data = b""
        if not data:
            self._drop()
        return b"".join(self._manager.filter(data))

    def _accept(self) -> None:
        self._connection, _ = self._listener.accept()
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection.settimeout(LOST_AFTER_S)
        self._settings = Settings(self._circuit)
        self._manager = PortManager(self._settings, SimpleNamespace(write=self._send))

    def _transmit(self, data: bytes) -> None:
        if self._connection is not None:
            self._send(b"".join(self._manager.escape(data)))

    def _send(self, data: bytes) -> None:
        if self._connection is not None:
            with contextlib.suppress(OSError):  # It has hung up, or does not read: lost.
                self._connection.sendall(data)
