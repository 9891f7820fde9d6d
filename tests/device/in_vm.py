"""Runs programs of tests/device/on_board in the MicroPython VM, beside the station's own modules."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from textwrap import dedent
from typing import Any

from firmware.simulator.vm import HARDWARE, micropython

ROOT = Path(__file__).parents[2]
LIB = ROOT / "firmware" / "device" / "lib"
ON_BOARD = Path(__file__).parent / "on_board"
TIMEOUT_S = 600  # for a big run on demand; all others take seconds


def start(folder: Path, *arguments: str, heap: str = "4m", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the VM in a folder until it ends, for any reason."""
    path = ":".join(map(str, (LIB, HARDWARE, ON_BOARD)))
    return subprocess.run(
        [micropython(), "-X", f"heapsize={heap}", *arguments],
        cwd=folder,
        env=os.environ | {"MICROPYPATH": path, "FREETEMP_WORLD": str(folder)} | environment,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=TIMEOUT_S,
        check=False,
    )


def said(done: subprocess.CompletedProcess[str]) -> list[list[Any]]:
    """Return a program's output by say(); it may have printed other things too."""
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]


def play(folder: Path, *scenes: str, heap: str = "4m") -> Any:
    """Play scenes (in the words of on_board/scene.py) on one board. Return its last output, a list if it has parts."""
    (folder / "scenes").write_text("\n".join(map(dedent, scenes)))
    done = start(folder, "-c", "text = open('scenes').read(); import scene; exec(text, scene.__dict__)", heap=heap)
    assert done.returncode == 0, done.stdout + done.stderr
    last = said(done)[-1]
    return last[0] if len(last) == 1 else last
