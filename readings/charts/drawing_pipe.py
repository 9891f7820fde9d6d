"""Messages between the server and the process that draws: each after the number of its bytes, in four."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import IO

_BEFORE = 4
IDLE_S = 60  # Then a process that draws ends, and its 30 MB are free.


def write(pipe: IO[bytes], message: bytes) -> None:
    """Send a message. Raises OSError if the other process has ended."""
    pipe.write(len(message).to_bytes(_BEFORE, "big") + message)
    pipe.flush()


def read(pipe: IO[bytes]) -> bytes | None:
    """Return the next message, or None if the other process has ended."""
    count = int.from_bytes(pipe.read(_BEFORE), "big")
    message = pipe.read(count)
    return message if count and len(message) == count else None


def answer_each(draw: Callable[[bytes], bytes]) -> None:
    """Draw what is asked for on the standard input, until there is nothing to draw for a minute."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the server, and this process with it.
    while True:
        if hasattr(signal, "alarm"):  # Without it the process ends when its server does.
            signal.alarm(IDLE_S)
        asked = read(sys.stdin.buffer)
        if asked is None:
            return
        write(sys.stdout.buffer, draw(asked))
