"""The sources of a station's facts and files for flashing: this computer's database, or a server elsewhere."""

from firmware.sources.base import Bundle, NoAnswerError, OtherBoardError, Source, SourceError, StationFacts
from firmware.sources.local import LocalSource
from firmware.sources.remote import RemoteSource

__all__ = [
    "Bundle",
    "LocalSource",
    "NoAnswerError",
    "OtherBoardError",
    "RemoteSource",
    "Source",
    "SourceError",
    "StationFacts",
]
