"""Messages between the server and the process that draws: each after the number of its bytes, in four."""

from __future__ import annotations

from typing import IO

_BEFORE = 4


def write(pipe: IO[bytes], message: bytes) -> None:
    """Send a message. Raises OSError if the other process has ended."""
    pipe.write(len(message).to_bytes(_BEFORE, "big") + message)
    pipe.flush()


def read(pipe: IO[bytes]) -> bytes | None:
    """Return the next message, or None if the other process has ended."""
    count = int.from_bytes(pipe.read(_BEFORE), "big")
    message = pipe.read(count)
    return message if count and len(message) == count else None
