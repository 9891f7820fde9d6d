"""A request while it arrives: is it whole?

This only decides when gunicorn's parser gets the bytes. That parser reads them anew, refuses what it always refuses,
and says itself where the request ends. So a request about which the two disagree costs its connection and no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import Enum

_BARE_LF = re.compile(rb"(?<!\r)\n")
_FRAMING = re.compile(rb"\r\n(content-length|transfer-encoding|expect):[ \t]*([^\r\n]*)", re.IGNORECASE)
_REQUEST_LINE = re.compile(rb"[^a-z# ]+ [!-~]+ HTTP/1\.\d\r\n")
_REQUEST_LINE_BYTES = 8_192  # gunicorn refuses a longer one, and needs to see no more of it.
_PIECE_BYTES = 65_536


MostBytes = Callable[[bytes, bytes], int]  # How long a body may be, by the address and the head.


class State(Enum):
    """What is known of a request."""

    ARRIVING = 1
    READY = 2  # It is whole, or whatever follows, the parser will refuse it.
    HEAD_TOO_LARGE = 3
    BODY_REFUSED = 4  # The application does not take a body of that length, or one that does not say its length.


class Arrival:
    """The bytes of a connection that no request has used yet. Each byte is looked at once, however slowly they come."""

    def __init__(self, data: bytes, head_bytes: int, most_bytes: MostBytes) -> None:
        self.data = bytearray(data)
        self.head = 0  # The length of the head, once it is there.
        self.needed = 0  # The length of the whole request, once that is known.
        self.expects_continue = False
        self.is_boards = False  # It is known to be.
        self._searched = 0
        self._has_line = False
        self._is_refused = False
        self._head_bytes, self._most_bytes = head_bytes, most_bytes

    def add(self, data: bytes) -> None:
        self.data += data

    def state(self) -> State:
        if not self.head:
            state = self._find_head()
            if state is not None:
                return state
        if self._is_refused:
            return State.BODY_REFUSED
        return State.READY if len(self.data) >= self.needed else State.ARRIVING

    def target(self) -> bytes:
        """Return the address that is asked for, or nothing if it cannot be told."""
        parts = bytes(self.data[:_REQUEST_LINE_BYTES]).lstrip(b"\r\n").partition(b"\r\n")[0].split(b" ")
        return parts[1] if len(parts) == 3 else b""

    def missing(self) -> str:
        """Say what has not come."""
        if not self.head:
            return "its end did not come: an empty line has to follow the headers"
        return f"{len(self.data) - self.head} of the {self.needed - self.head} bytes of its body came"

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes. A parser that takes a long body piece by piece copies each of them once."""
        data = bytes(self.data)
        return (data[start : start + _PIECE_BYTES] for start in range(0, len(data), _PIECE_BYTES))

    def _find_head(self) -> State | None:
        """Look for the end of the head. Return None if it is there and its body can be looked for."""
        end = self.data.find(b"\r\n\r\n", max(0, self._searched - 3))
        if end < 0:
            return self._without_end()
        self.head = self.needed = end + 4
        if self.head > self._head_bytes:
            return State.HEAD_TOO_LARGE
        return None if self._find_length(bytes(self.data[: end + 2])) else State.READY

    def _without_end(self) -> State:
        if _BARE_LF.search(self.data, self._searched) or not self._may_have_line():
            return State.READY
        self._searched = len(self.data)
        return State.HEAD_TOO_LARGE if len(self.data) > self._head_bytes else State.ARRIVING

    def _may_have_line(self) -> bool:
        """Tell whether the first line can become a request's: the parser answers at once if not."""
        if self._has_line:
            return True
        start = 2 if self.data.startswith(b"\r\n") else 0
        if self.data.find(b"\r\n", max(start, self._searched - 1)) < 0:
            return len(self.data) <= _REQUEST_LINE_BYTES
        self._has_line = True
        return bool(_REQUEST_LINE.match(self.data, start))

    def _find_length(self, head: bytes) -> bool:
        """Find out how long the body is. Return whether the parser will take what the head says about it."""
        found: list[tuple[bytes, bytes]] = _FRAMING.findall(head)
        if not found:
            return True
        lines = [(name.lower(), value.strip().lower()) for name, value in found]
        self.expects_continue = (b"expect", b"100-continue") in lines and b" HTTP/1.1\r\n" in head
        lengths = [value for name, value in lines if name == b"content-length"]
        codings = [value for name, value in lines if name == b"transfer-encoding"]
        if len(lengths) + len(codings) > 1:
            return False
        if codings:
            self._is_refused = codings[0].endswith(b"chunked")
            return self._is_refused
        if lengths:
            if not lengths[0].isdigit() or len(lengths[0]) > 15:
                return False
            length = int(lengths[0])
            self.needed += length
            self._is_refused = length > 0 and length > self._most_bytes(self.target(), head)
        return True
