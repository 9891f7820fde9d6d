"""What every cable between a computer and the board can do: carry bytes, be counted, be pulled and be plugged again."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

PATIENCE_S = 1.0  # A byte that nobody takes for so long is lost, as on a real line.


class Cable(ABC):
    """`port` is what the programs are given, and stays the same when the cable is pulled and plugged again."""

    port: str
    has_modem_lines: bool

    def __init__(self) -> None:
        self.plugged = False
        self.carried = 0  # bytes in both directions
        self._limit: int | None = None
        self._baud = 0

    @property
    def baud(self) -> int:
        """What the program at the other end has set, last."""
        if self.plugged:
            self._baud = self._read_baud()
        return self._baud

    @property
    @abstractmethod
    def filenos(self) -> list[int]:
        """What to wait for."""

    @abstractmethod
    def plug(self) -> None: ...

    @abstractmethod
    def held(self) -> AbstractContextManager[None]:
        """Have the port open as another program would."""

    def take_reset(self) -> bool | None:
        """Return None, or if DTR and RTS have asked for a reset since the last call, whether into the loader."""
        return None

    def unplug(self) -> None:
        """Hang up on whoever has the port open."""
        self.plugged, self._limit = False, None
        self._hang_up()

    def pull_after(self, count: int) -> None:
        """Be pulled when that many more bytes have gone over the cable, in both directions together."""
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
        """Return what still comes through, and be pulled after it where the limit is reached."""
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
        """Return what is there, without waiting."""

    @abstractmethod
    def _transmit(self, data: bytes) -> None: ...
