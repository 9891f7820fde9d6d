"""The lines of a file of any form: text as it is, a database of WeeWX and JSON of ThingSpeak as CSV."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from readings.exports.thingspeak import feed_lines
from readings.exports.weewx import archive_lines, is_archive
from readings.files.csv_header import UnreadableFileError
from readings.files.text_lines import TextLines

MOST_BYTES_OF_JSON = 64_000_000  # ThingSpeak gives 8,000 entries at once, which is 2 MB.


def is_text(start: bytes) -> bool:
    """Tell by its first bytes whether a file's own lines are its rows."""
    return not is_archive(start) and not start.lstrip().startswith(b"{")


def lines_of(path: Path, start: bytes, lines: TextLines) -> Iterator[str]:
    """Yield the lines of a file that begins with these bytes. Raises UnreadableFileError."""
    if is_archive(start):
        try:
            yield from archive_lines(path)
        except sqlite3.Error as error:
            raise UnreadableFileError(f"{path} is a database, but not an archive of WeeWX: {error}.") from error
    elif is_text(start):
        yield from lines
    elif path.stat().st_size > MOST_BYTES_OF_JSON:
        raise UnreadableFileError(f"{path}: JSON of at most {MOST_BYTES_OF_JSON // 1_000_000} MB expected.")
    else:
        try:
            yield from feed_lines("".join(lines))
        except ValueError as error:
            raise UnreadableFileError(f"{path} cannot be read: {error}.") from error
