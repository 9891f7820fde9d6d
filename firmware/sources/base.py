"""What flashing asks of a server."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class SourceError(Exception):
    """The server cannot give what flashing needs. The message is a sentence with the next thing to try."""


class NoAnswerError(SourceError):
    """The server did not answer this time; asked again, it may."""


class OtherBoardError(SourceError):
    """The station has the MAC of another board: it is replaced where that is asked for, and only then."""


@dataclass(frozen=True)
class StationFacts:
    """What is known of a station before its board is touched."""

    id: int
    name: str
    mac: str | None  # As 6c:ef:7f:3b:9d:e8; None until a board is taken.
    simulated: bool


@dataclass(frozen=True)
class Bundle:
    """The files of a board, and which key was issued for them. Its repr shows no file: they hold secrets."""

    key_id: int  # The issued key's number in the registry; of no use to whoever would guess the key.
    files: dict[str, bytes] = field(repr=False)  # Path on the board, like lib/station.mpy, to content.


class Source(Protocol):
    """A station's server, this computer or another. Every method may raise SourceError."""

    def station(self) -> StationFacts:
        """Return what is known of the station now."""

    def take_mac(self, mac: str, *, replace: bool = False) -> None:
        """Make this board the station's.

        Nothing happens where it is already. OtherBoardError where the station has another one, unless `replace`.
        """

    def bundle(self, server_url: str | None = None) -> Bundle:
        """Return the board's files, with a pending key issued for them: the station's live key stays good until
        the new one has been used.

        `server_url` is where the board reports; without one it is the server's own, which a board must be able to
        reach: loopback and .local names are refused unless they are given here.
        """

    def image(self, path: Path | None = None) -> Path:
        """Return a file with MicroPython for the board: the one at `path`, or the newest that the server has."""

    def has_reported(self, bundle: Bundle) -> bool:
        """Tell whether the bundle's key has been used, which means that a first reading has been stored.

        SourceError where it never will be: another key has been issued since.
        """
