"""A file of any form as lines: text as it is or packed by gzip, a database of WeeWX and JSON of ThingSpeak as CSV."""

from __future__ import annotations

import gzip
import io
import os
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from readings.exports.thingspeak import feed_lines
from readings.exports.weewx import archive_lines, is_archive
from readings.files.csv_header import UnreadableFileError
from readings.files.text_lines import TextLines

MOST_BYTES_OF_JSON = 16_000_000  # ThingSpeak gives 8,000 entries at once, which is 2 MB.
MOST_BYTES_UNPACKED = 4_000_000_000  # A small file can become an endless one.
LOOK_S = 5.0
_GZIP = b"\x1f\x8b"
_START_BYTES = 100


class ExportFile:
    """Iterates over the lines of a file, in constant memory. Used with `with`; OSError if it cannot be opened.

    With `most_bytes`, for a look, the text ends after so many, and a database has some seconds.
    Raises UnreadableFileError, and LookupError for an unknown encoding.
    """

    def __init__(self, path: Path, encoding: str = "", most_bytes: int | None = None) -> None:
        self._path, self._file = path, path.open("rb")
        self._is_look = most_bytes is not None
        self.size = os.fstat(self._file.fileno()).st_size
        self._is_packed = self._file.peek(2)[:2] == _GZIP
        unpacked = _unpacked(self._file) if self._is_packed else self._file
        try:
            self._start = unpacked.peek(_START_BYTES)[:_START_BYTES]
            if most_bytes is not None and not self._is_json:
                unpacked = io.BufferedReader(_Beginning(unpacked, most_bytes))
            self._text = TextLines(unpacked, lambda count: None, encoding)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._text.__exit__()
        self._file.close()

    def __iter__(self) -> Iterator[str]:
        if is_archive(self._start):
            return self._of_archive()
        return self._of_json() if self._is_json else iter(self._text)

    @property
    def bytes_read(self) -> int:
        """Return how much of the file was read: nothing of a database, which SQLite reads, or of a pipe."""
        has_no_place = is_archive(self._start) or self._file.closed or not self._file.seekable()
        return 0 if has_no_place else self._file.tell()

    @property
    def warning(self) -> str:
        """Return what is odd about the end of a text that was read to its end, as a sentence, or nothing."""
        if is_archive(self._start) or self._is_json:
            return ""
        if not self._is_packed and (missing := self.size - self._text.bytes_read) > 0:
            return f"Warning: the file became shorter while it was read, by {missing} bytes."
        if not self._text.is_whole:
            return "Warning: the last line has no line end. If the file was cut off there, its last value may be too."
        return ""

    @property
    def _is_json(self) -> bool:
        return self._start.lstrip().startswith(b"{")

    def _of_archive(self) -> Iterator[str]:
        if self._is_packed:
            raise UnreadableFileError("This is a packed database: unpack it first, by gzip -d, and import that file.")
        try:
            yield from archive_lines(self._path, LOOK_S if self._is_look else None)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise UnreadableFileError(f"This is a database, but not an archive of WeeWX: {error}.") from error

    def _of_json(self) -> Iterator[str]:
        pieces, length = [], 0
        for line in self._text:
            pieces.append(line)
            length += len(line)
            if length > MOST_BYTES_OF_JSON:
                raise UnreadableFileError(f"JSON of at most {MOST_BYTES_OF_JSON // 1_000_000} MB expected.")
        try:
            yield from feed_lines("".join(pieces))
        except ValueError as error:
            raise UnreadableFileError(f"The file cannot be read: {error}.") from error


class _Beginning(io.RawIOBase):
    """The first bytes of a file."""

    def __init__(self, file: io.BufferedIOBase, most_bytes: int) -> None:
        self._file, self._left = file, most_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        read = self._file.read(min(len(buffer), self._left))
        buffer[: len(read)] = read
        self._left -= len(read)
        return len(read)


class _Unpacked(_Beginning):
    """What gzip has packed. Raises UnreadableFileError if it is damaged, or too much."""

    def readinto(self, buffer: Any) -> int:
        try:
            count = super().readinto(buffer)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UnreadableFileError("The file is packed by gzip, and is damaged or was cut off.") from error
        if self._left <= 0:
            most = MOST_BYTES_UNPACKED // 1_000_000_000
            raise UnreadableFileError(f"The file is packed by gzip, and unpacked it has more than {most} GB: split it.")
        return count


def _unpacked(file: io.BufferedReader) -> io.BufferedReader:
    return io.BufferedReader(_Unpacked(gzip.GzipFile(fileobj=file), MOST_BYTES_UNPACKED))
