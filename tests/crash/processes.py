"""The tree of processes, as Linux lists it."""

import contextlib
import os
import time
from collections.abc import Iterable
from pathlib import Path


def children(parent: int) -> list[int]:
    return [pid for pid, (_, ppid) in _processes() if ppid == parent]


def kill(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # It has ended by itself meanwhile.
        os.kill(pid, number)


def wait_for_end(pids: Iterable[int], deadline: float) -> None:
    """Wait until these processes are gone, or are zombies that their parents have not yet collected."""
    waiting = set(pids)
    while waiting := {pid for pid, (state, _) in _processes() if pid in waiting and state != "Z"}:
        assert time.monotonic() < deadline, f"still there: {waiting}"
        time.sleep(0.01)


def _processes() -> list[tuple[int, tuple[str, int]]]:
    """Return every process with its state and its parent."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # It has just ended.
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
            found.append((int(path.parent.name), (state, int(parent))))
    return found
