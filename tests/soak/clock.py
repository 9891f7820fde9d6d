"""The clock of the server under test: this machine's, moved by libfaketime while the server runs.

Only the time of day moves. Elapsed time goes on, as it does when a person or NTP sets a real clock.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

HOUR_S = 3600
# libfaketime 0.9.10 refuses the sleep of Python once elapsed time is not faked: this sleep asks select() instead.
SLEEP = """
import select
import time

time.sleep = lambda seconds: select.select([], [], [], seconds) and None
"""


class Clock:
    """The offset of the server's clock, and its history. Without libfaketime it stays 0, and `moves` is false."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "clock"
        self.history = [(0.0, 0.0)]  # (Unix seconds of this machine, offset in seconds from then on)
        self.environment: dict[str, str] = {}
        library = _library()
        self.moves = bool(library)
        if library:
            (folder / "sleep").mkdir()
            (folder / "sleep" / "sitecustomize.py").write_text(SLEEP)
            self.set(0)
            self.environment = {
                "LD_PRELOAD": library,
                "FAKETIME_TIMESTAMP_FILE": str(self.file),
                "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "PYTHONPATH": str(folder / "sleep"),
            }

    def set(self, offset_s: float) -> None:
        self.history.append((time.time(), offset_s))
        beside = self.file.with_suffix(".new")
        beside.write_text(f"{offset_s:+.0f}")
        beside.replace(self.file)

    def offsets(self, start_s: float, end_s: float) -> set[float]:
        """Return every offset that was in force between two moments of this machine."""
        ends = [*(moment for moment, _ in self.history[1:]), float("inf")]
        slack_s = 3.0  # The server reads the file once a second.
        pairs = zip(self.history, ends, strict=True)
        return {offset for (begin, offset), end in pairs if begin <= end_s + slack_s and end >= start_s - slack_s}


def _library() -> str:
    """Return the path of libfaketime for programs with threads, as Debian's `faketime` knows it, or an empty one."""
    if not shutil.which("faketime"):
        return ""
    clean = {name: value for name, value in os.environ.items() if name not in ("LD_PRELOAD", "FAKETIME")}
    command = ["faketime", "-m", "-f", "+0", "printenv", "LD_PRELOAD"]
    return subprocess.run(command, env=clean, capture_output=True, text=True, check=False).stdout.strip()
