"""Where flashing gets a station's facts and files: from this computer's database, or from a server elsewhere."""

from firmware.sources.base import Bundle, OtherBoardError, Source, SourceError, StationFacts

__all__ = ["Bundle", "OtherBoardError", "Source", "SourceError", "StationFacts"]
