"""The output of the running board, with every secret masked."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from firmware.flash import ports
from firmware.flash.programs import printable

LINES_KEPT = 12
LINE_BYTES = 500
PROMPT = b">>> "
NUDGE_S = 1.0
# Input that makes a REPL show its prompt. A first start must not be interrupted: it makes the file system.
ENTER = b"\r"
INTERRUPT = b"\r\x03\x02"  # CTRL-C for main.py, CTRL-B for a raw REPL that was left open.


class Masked:
    """Text without a station's secrets: its key and the passwords of its networks."""

    def __init__(self, config: bytes) -> None:
        facts = json.loads(config)
        secrets = [facts["key"], *(password for _, password in facts["networks"])]
        written = {form for secret in secrets for form in (secret, json.dumps(secret)[1:-1], repr(secret)[1:-1])}
        self._secrets = sorted(filter(None, written), key=len, reverse=True)  # One may be part of another.

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def answers(port: str, nudge: bytes, timeout_s: float) -> bool:
    """Nudge the board until MicroPython shows its prompt; False if it does not in time."""
    ends_s, said = time.monotonic() + timeout_s, b""
    with ports.opened(port) as line:
        while time.monotonic() < ends_s:
            again_s = time.monotonic() + NUDGE_S
            line.write(nudge)
            while time.monotonic() < again_s:
                said = said[-len(PROMPT) :] + line.read(4096)
                if PROMPT in said:
                    return True
    return False


class Console:
    """The board's serial line. Its last lines of output are kept."""

    def __init__(self, line: Any, masked: Masked) -> None:
        self._line = line
        self._masked = masked
        self._unfinished = b""
        self.lines: deque[str] = deque(maxlen=LINES_KEPT)

    def read_for(self, duration_s: float) -> None:
        """Read for this long. Raises ports.LineError if the board vanishes."""
        ends_s = time.monotonic() + duration_s
        while time.monotonic() < ends_s:
            *lines, last = (self._unfinished + self._line.read(4096)).split(b"\n")
            self._unfinished = last[-LINE_BYTES:]
            for line in lines:
                if text := printable(line.decode(errors="replace")):
                    self.lines.append(self._masked(text))


@contextmanager
def started(port: str, masked: Masked) -> Iterator[Console]:
    """Restart the board and yield a console with its output from then on."""
    with ports.opened(port) as line:
        if not ports.pulse_reset(line):
            line.write(INTERRUPT + b"import machine; machine.reset()\r")
        yield Console(line, masked)
