"""Runs Python programs beside this one: esptool, which is GPL and so never imported, and mpremote."""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence

from firmware.flash.errors import NoProgramError

# The user's own settings for these programs would change their work or their output.
FOREIGN = ("ESPTOOL_", "FORCE_COLOR", "TTY_", "CLICOLOR")
PLAIN = {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "1000"}
_NOT_TEXT = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[^\x20-\x7e\t\u00a0-\ud7ff]")


class ProgramFailed(Exception):  # noqa: N818 - a report that board.py and filesystem.py turn into a sentence
    """A program stopped with an error, or was stopped after a long silence. `lines` is its output."""

    def __init__(self, program: str, lines: list[str]) -> None:
        super().__init__(f"{program} failed")
        self.program = program
        self.lines = lines

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def reason(self) -> str:
        """Return the most telling line: the last one with words."""
        return next((line for line in reversed(self.lines) if any(map(str.isalpha, line))), "it gave no answer")


def ignore(line: str) -> None:
    """Ignore the lines of a program that is soon done."""


def run(program: str, arguments: Sequence[str], silence_s: float, on_line: Callable[[str], None] = ignore) -> list[str]:
    """Run a program to its end and return its lines. Each is handed to `on_line` as it arrives.

    Output and errors come together, in order. Raises ProgramFailed if it fails or prints nothing for `silence_s`, since
    mpremote waits forever for some of a board's answers. The program has ended whenever this function is left.
    """
    lines: list[str] = []
    with _start(program, arguments) as process:
        found: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        reader = threading.Thread(target=_hand_over, args=(process.stdout, found))
        reader.start()
        try:
            while (line := found.get(timeout=silence_s)) is not None:
                if text := printable(line):
                    lines.append(text)
                    on_line(text)
            process.wait(silence_s)
        except (queue.Empty, subprocess.TimeoutExpired) as error:
            raise ProgramFailed(program, [*lines, f"no answer for {silence_s:.0f} s"]) from error
        finally:
            process.kill()  # Does nothing if it has ended.
            reader.join()
    if process.returncode == 0:
        return lines
    if f"No module named {program}" in "\n".join(lines):
        raise NoProgramError(program=program)
    raise ProgramFailed(program, lines)


def printable(text: str) -> str:
    """Return a line without colours, cursor movements and the noise of a starting board."""
    return _NOT_TEXT.sub("", text).strip()


def _start(program: str, arguments: Sequence[str]) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return subprocess.Popen(
        [sys.executable, "-m", program, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment | PLAIN,
        encoding="utf-8",
        errors="replace",
    )


def _hand_over(stream: Iterable[str], found: queue.SimpleQueue[str | None]) -> None:
    """Put a program's lines into a queue. Reading a queue can time out; reading a pipe cannot, on Windows."""
    for line in stream:
        found.put(line)
    found.put(None)
