"""The interface between flashing and a server."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class SourceError(Exception):
    """The server cannot provide something for flashing. The message is a sentence with the next thing to try."""


class NoAnswerError(SourceError):
    """The server did not answer this time; it may when asked again."""


class OtherBoardError(SourceError):
    """The station has the MAC of another board. It is replaced only on request."""


@dataclass(frozen=True)
class StationFacts:
    """The facts of a station before its board is touched."""

    id: int
    name: str
    mac: str | None  # As 6c:ef:7f:3b:9d:e8; None until the station has a board.
    simulated: bool


@dataclass(frozen=True)
class Bundle:
    """The files of a board, and the number of the key issued for them. Its repr shows no file: they hold secrets."""

    key_id: int  # The issued key's number in the registry; no help in guessing the key.
    files: dict[str, bytes] = field(repr=False)  # Path on the board, like lib/station.mpy, to content.


class Source(Protocol):
    """A station's server, this computer or another. Every method may raise SourceError."""

    def station(self) -> StationFacts:
        """Return the station's current facts."""

    def check_mac(self, mac: str, *, replace: bool = False) -> None:
        """Raise what take_mac would raise, and change nothing."""

    def take_mac(self, mac: str, *, replace: bool = False) -> None:
        """Make this board the station's: reports of the one before are refused from now on.

        Nothing happens if it is already. Raises OtherBoardError if the station has another one, unless `replace`.
        """

    def bundle(self, server_url: str | None = None, *, mac: str | None = None) -> Bundle:
        """Return the board's files, with a pending key issued for them: the station's live key stays valid until
        the new one has been used. `mac` is the board's address if it is not the station's yet.

        The board reports to `server_url`. The default is the server's own address, which a board must be able to
        reach: loopback and .local names are refused unless they are given here.
        """

    def image(self, path: Path | None = None) -> Path:
        """Return a file with MicroPython for the board: the one at `path`, or the newest that the server has."""

    def has_reported(self, bundle: Bundle) -> bool:
        """Tell whether the bundle's key has been used, which means that a first reading has been stored.

        Raises SourceError if it never will be, because another key has been issued since.
        """
