"""Tells whether the code on disk is another one than this process runs: after an update, until a restart."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

APPS = ("freetemp", "stations", "readings", "firmware", "outages", "alerts", "uploads")


class RunningCode:
    """The code that a process was started with. One that does not remember it, such as a command, says nothing of it.

    Files are told apart by their names, sizes and times: nobody is asked for a version, and no file is read.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known = ""

    def remember(self) -> None:
        """Remember what is on disk now. Call it as soon as a process that runs for long has loaded its code."""
        self._known = self._state()

    def is_changed(self) -> bool:
        return bool(self._known) and self._known != self._state()

    def _state(self) -> str:
        found = sorted([*(each for app in APPS for each in (self._root / app).rglob("*.py")), *self._templates()])
        stats = [(str(each), each.stat()) for each in found if each.exists()]
        return sha256(repr([(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]).encode()).hexdigest()

    def _templates(self) -> list[Path]:
        return list((self._root / "templates").rglob("*.html"))


running_code = RunningCode(Path(__file__).parent.parent)
