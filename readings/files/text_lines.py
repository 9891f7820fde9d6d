"""The lines of a text file of any size, in constant memory."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator
from itertools import count
from typing import Self

MOST_CHARACTERS = 1_000_000  # A damaged file may be one line of NULs. What is beyond is no row, and is skipped.
LINES_A_STEP = 1_000
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class TextLines:
    """Iterates over a file's lines with their ends, and closes the file at its own end.

    Calls `progress` with the number of bytes read since the last call. The encoding is UTF-8, or UTF-16 if the file
    begins with its mark, unless one is given. Bytes that are not in it become a character that no value contains.
    LookupError if there is no such encoding.
    """

    def __init__(self, raw: io.BufferedReader, progress: Callable[[int], object], encoding: str = "") -> None:
        self.encoding = encoding or _marked(raw)
        self.is_whole = True  # The last line read has an end.
        self.bytes_read = 0
        self._raw, self._progress = raw, progress
        self._text = io.TextIOWrapper(raw, self.encoding, errors="replace", newline="")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._text.close()

    def __iter__(self) -> Iterator[str]:
        for number in count(1):
            if not (line := self._text.readline(MOST_CHARACTERS)):
                break
            self._skip_rest(line)
            yield line
            if number % LINES_A_STEP == 0:
                self._tell()
        self._tell()

    def _skip_rest(self, line: str) -> None:
        self.is_whole = line.endswith(("\n", "\r"))
        while len(line) == MOST_CHARACTERS and not self.is_whole:
            line = self._text.readline(MOST_CHARACTERS)
            self.is_whole = line.endswith(("\n", "\r"))

    def _tell(self) -> None:
        if self._raw.seekable():  # A pipe has no position.
            before, self.bytes_read = self.bytes_read, self._raw.tell()
            self._progress(self.bytes_read - before)


def _marked(raw: io.BufferedReader) -> str:
    start = raw.peek(3)
    return next((encoding for mark, encoding in _MARKS.items() if start.startswith(mark)), "utf-8")
