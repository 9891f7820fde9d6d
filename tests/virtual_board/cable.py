"""The common part of all cables between a computer and the board: they carry and count bytes, and can be pulled."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

LOST_AFTER_S = 5.0  # A byte that nobody reads for this long is lost, as on a real line.


class Cable(ABC):
    """`port` is the name for programs. It stays the same when the cable is pulled and plugged in again."""

    port: str
    has_modem_lines: bool

    def __init__(self) -> None:
        self.plugged = False
        self.carried = 0  # bytes in both directions
        self._limit: int | None = None
        self._baud = 0

    @property
    def baud(self) -> int:
        """The rate that the program at the other end has set last."""
        if self.plugged:
            self._baud = self._read_baud()
        return self._baud

    @property
    @abstractmethod
    def filenos(self) -> list[int]:
        """The file descriptors to wait for."""

    @abstractmethod
    def plug(self) -> None: ...

    @abstractmethod
    def held(self) -> AbstractContextManager[None]:
        """Hold the port open as another program would."""

    def take_reset(self) -> bool | None:
        """Tell whether DTR and RTS asked for the loader in a reset since the last call; None without a reset."""
        return None

    def unplug(self) -> None:
        """Hang up on the program that has the port open."""
        self.plugged, self._limit = False, None
        self._hang_up()

    def pull_after(self, count: int) -> None:
        """Pull the cable after that many more bytes, in both directions together."""
        self._limit = count

    def read(self) -> bytes:
        return self._count(self._receive())

    def write(self, data: bytes) -> None:
        if self.plugged and (data := self._fitting(data)):
            self._transmit(data)
            self._count(data)

    def _fitting(self, data: bytes) -> bytes:
        return data if self._limit is None else data[: self._limit]

    def _count(self, data: bytes) -> bytes:
        """Return the bytes that still get through, and pull the cable after them if the limit is reached."""
        data = self._fitting(data)
        self.carried += len(data)
        if self._limit is not None:
            self._limit -= len(data)
            if self._limit <= 0:
                self.unplug()
        return data

    @abstractmethod
    def _read_baud(self) -> int: ...

    @abstractmethod
    def _hang_up(self) -> None: ...

    @abstractmethod
    def _receive(self) -> bytes:
        """Return the bytes that are there, without waiting."""

    @abstractmethod
    def _transmit(self, data: bytes) -> None: ...
