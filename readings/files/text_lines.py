"""The lines of a text file of any size, in constant memory."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator
from functools import partial
from typing import Self

MOST_CHARACTERS = 1_000_000  # A damaged file may be one line of NULs. What is beyond is no row, and is skipped.
LINES_A_STEP = 1_000
_ENDS = ("\n", "\r")
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class TextLines:
    """Iterates over a file's lines with their ends, and closes the file at its own end.

    Calls `progress` with the number of bytes read since the last call. The encoding is UTF-8, or UTF-16 if the file
    begins with its mark, unless one is given. Bytes that are not in it become a character that no value contains.
    LookupError if there is no such encoding.
    """

    def __init__(self, raw: io.BufferedReader, progress: Callable[[int], object], encoding: str = "") -> None:
        self.encoding = encoding or _marked(raw)
        self.is_whole = True  # The last line of the file has an end.
        self.bytes_read = 0
        self._raw, self._progress = raw, progress
        self._text = io.TextIOWrapper(raw, self.encoding, errors="replace", newline="")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._text.close()

    def __iter__(self) -> Iterator[str]:
        end = ""
        for number, line in enumerate(iter(partial(self._text.readline, MOST_CHARACTERS), ""), 1):
            end = self._end_of(line) if len(line) == MOST_CHARACTERS else line
            yield line
            if number % LINES_A_STEP == 0:
                self._tell()
        self.is_whole = not end or end.endswith(_ENDS)
        self._tell()

    def _end_of(self, line: str) -> str:
        """Skip what is left of a line, and return its last piece."""
        while len(line) == MOST_CHARACTERS and not line.endswith(_ENDS):
            line = self._text.readline(MOST_CHARACTERS) or "without an end"
        return line

    def _tell(self) -> None:
        if self._raw.seekable():  # A pipe has no position.
            before, self.bytes_read = self.bytes_read, self._raw.tell()
            self._progress(self.bytes_read - before)


def _marked(raw: io.BufferedReader) -> str:
    start = raw.peek(3)
    return next((encoding for mark, encoding in _MARKS.items() if start.startswith(mark)), "utf-8")
