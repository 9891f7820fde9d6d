"""The board's file system, through mpremote: listing it, and copying the station's files to it."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from firmware.flash import ports
from firmware.flash.errors import (
    BoardFullError,
    BoardGoneError,
    FileMismatchError,
    FlashError,
    NoMicroPythonError,
    PortBusyError,
    ProgramError,
)
from firmware.flash.programs import ProgramFailed, ignore, run

SILENCE_S = 30.0  # The largest file takes a few seconds at 115200 bit/s, and mpremote prints nothing meanwhile.
STEP = "copy"
OUTBOX = "outbox"  # Waiting readings: this folder is never looked into and never removed.

# Runs on the board. Each line begins with a marker, since a main.py that is being stopped prints too.
FACTS = f"""
import binascii, hashlib, os, sys
def walk(folder):
    for entry in os.ilistdir(folder) if folder else os.ilistdir():
        path = folder + '/' + entry[0] if folder else entry[0]
        if entry[1] == 0x4000:
            if path != '{OUTBOX}':
                walk(path)
            continue
        total = hashlib.sha256()
        with open(path, 'rb') as file:
            while True:
                block = file.read(256)
                if not block:
                    break
                total.update(block)
        print('freetemp-file', binascii.hexlify(total.digest()).decode(), path)
version = '.'.join([str(part) for part in sys.implementation.version[:3]])
print('freetemp-mpy', getattr(sys.implementation, '_mpy', 0) & 255, version)
walk('')
"""
# Runs on the board, after lines that define the folders to make and the files to remove.
PREPARE = """
import os
for folder in folders:
    try:
        os.mkdir(folder)
    except OSError:
        pass
for path in stale:
    os.remove(path)
"""

_MPY = re.compile(r"freetemp-mpy (\d+) (\S+)$")
_FILE = re.compile(r"freetemp-file ([0-9a-f]{64}) (.+)$")
_COPYING = re.compile(r"cp .+ :(\S+)$")
_FULL = re.compile(r"No space left|ENOSPC|OSError: 28\b")
# mpremote 1.29 prints one of these when the board vanishes or restarts during its work.
_GONE = re.compile(
    r"SerialException|could not exec command|timeout waiting for|could not complete raw paste|Input/output error|"
    r"Errno (5|6|19)\b|ClearCommError|no answer for"
)


@dataclass(frozen=True)
class Contents:
    """The contents of a board: the .mpy version that its MicroPython loads, and the SHA-256 of each file."""

    mpy: int
    version: str
    files: dict[str, str] = field(default_factory=dict)

    def lacks(self, wanted: dict[str, bytes]) -> list[str]:
        """Return the files that are missing or differ, in the order of copying: main.py last."""
        missing = [path for path, content in wanted.items() if self.files.get(path) != _digest(content)]
        return sorted(missing, key=lambda path: (path == "main.py", path))

    def stale(self, wanted: dict[str, bytes]) -> list[str]:
        """Return the modules of an older build. MicroPython would import a .py before the .mpy of the same name."""
        return sorted(path for path in self.files.keys() - wanted.keys() if path.startswith("lib/"))


def look(port: str) -> Contents:
    """Stop the board's program and return the board's contents. Raises NoMicroPythonError if nothing answers."""
    return _contents(_mpremote(port, ["exec", FACTS]))


def copy(port: str, files: dict[str, bytes], before: Contents, on_bytes: Callable[[int], None]) -> int:
    """Copy files to a board, remove stale ones, and compare the contents afterwards. Return the bytes copied.

    `on_bytes` receives the number of bytes that have arrived. No argument list holds the contents: they are secret.
    """
    missing = before.lacks(files)
    arrived = {path: sum(len(files[each]) for each in missing[:number]) for number, path in enumerate(missing)}

    def follow(line: str) -> None:
        if (found := _COPYING.match(line)) and found[1] in arrived:
            on_bytes(arrived[found[1]])

    with tempfile.TemporaryDirectory(prefix="freetemp-") as folder:  # Made with mode 0700.
        commands = ["exec", _preparation(files, before.stale(files))]
        for number, path in enumerate(missing):
            file = Path(folder, str(number))  # A number, since the path comes from a server.
            file.write_bytes(files[path])
            commands += ["+", "fs", "cp", "-f", str(file), f":{path}"]
        after = _contents(_mpremote(port, [*commands, "+", "exec", FACTS], follow))
    if damaged := after.lacks(files):
        raise FileMismatchError(file=damaged[0])
    return sum(len(files[path]) for path in missing)


def _preparation(files: dict[str, bytes], stale: list[str]) -> str:
    folders = {str(parent) for path in files for parent in PurePosixPath(path).parents} - {"."}
    return f"folders = {sorted(folders)!r}\nstale = {stale!r}{PREPARE}"


def _contents(lines: list[str]) -> Contents:
    mpy = next((found for line in lines if (found := _MPY.match(line))), None)
    if mpy is None:
        raise ProgramError(program="mpremote", step=STEP, reason="it lists no files")
    return Contents(int(mpy[1]), mpy[2], {found[2]: found[1] for line in lines if (found := _FILE.match(line))})


def _mpremote(port: str, commands: list[str], on_line: Callable[[str], None] = ignore) -> list[str]:
    """Run mpremote and turn its failure messages into a sentence."""
    try:
        # Without mpremote's soft reset. It would stop the timer that feeds the watchdog of a station that just ran.
        return run("mpremote", ["connect", port, "resume", *commands], SILENCE_S, on_line)
    except ProgramFailed as error:
        raise _sentence(port, error) from error


def _sentence(port: str, failed: ProgramFailed) -> FlashError:
    if not ports.is_there(port):
        return BoardGoneError(step=STEP)
    if _FULL.search(failed.text):
        return BoardFullError()
    if "could not enter raw repl" in failed.text:
        return NoMicroPythonError(port=port)
    if "failed to access" in failed.text:
        return PortBusyError(port=port)
    if _GONE.search(failed.text):
        return BoardGoneError(step=STEP)
    return ProgramError(program=failed.program, step=STEP, reason=failed.reason)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
