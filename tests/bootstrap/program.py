"""bootstrap.py as a program, in a fresh copy of the project."""

import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from tests.outside import unguarded
from tests.programs import ended

ROOT = Path(__file__).parent.parent.parent
FRESH_INSTALL_S = 1800  # On the slowest machine, with a slow mirror.


def copy_project(folder: Path) -> Path:
    """Copy the files that git tracks or would track, without anything that was installed or made here."""
    listed = subprocess.check_output(["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, text=True)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def environment(**others: str) -> dict[str, str]:
    """Return the environment of a user, without the tests' own settings."""
    return unguarded(without_settings()) | others


def without_settings() -> dict[str, str]:
    """Return this environment without any setting of freetemp."""
    example = (ROOT / ".env.example").read_text().splitlines()
    settings = {line.lstrip("#").partition("=")[0] for line in example} | {"DJANGO_SETTINGS_MODULE"}
    return {name: value for name, value in os.environ.items() if name not in settings}


def run(project: Path, *arguments: str, **others: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "bootstrap.py", *arguments],
        cwd=project,
        env=environment(**others),
        capture_output=True,
        text=True,
        timeout=FRESH_INSTALL_S,
        check=False,
    )


class Serving:
    """`bootstrap.py serve`, for use with `with`. Its output is in `lines`."""

    def __init__(self, project: Path, *arguments: str, **others: str) -> None:
        self.lines: list[str] = []
        self._printed: queue.Queue[str | None] = queue.Queue()  # None: it has closed its output.
        self.process = subprocess.Popen(
            [sys.executable, "bootstrap.py", "serve", *arguments],
            cwd=project,
            env=environment(**others),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self) -> Self:
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self.process.poll() is None:
            self.stop(signal.SIGTERM)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._printed.put(line.rstrip())
        self._printed.put(None)
        self.process.stdout.close()

    def address(self, name: str) -> str:
        """Wait for the line that begins with this name, and return the address in it."""
        return self.awaited(lambda line: line.startswith(f"{name}: ")).partition(": ")[2]

    def awaited(self, is_it: Callable[[str], bool]) -> str:
        """Wait for a line, and return it."""
        while (found := next(filter(is_it, self.lines), None)) is None:
            line = self._printed.get(timeout=FRESH_INSTALL_S)
            assert line is not None, "\n".join(self.lines)
            self.lines.append(line)
        return found

    def printed(self, text: str) -> bool:
        return any(text in line for line in self.lines)

    def stop(self, number: int) -> int:
        return ended(self.process, number)
