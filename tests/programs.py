"""Programs that tests start: they hear Ctrl-C, and end with the test that started them, however it ends."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator

from tests.crash import processes

Process = subprocess.Popen[str] | subprocess.Popen[bytes]
# No verdict hangs on it: whatever a test waits for ends the wait, and only what never happens takes so long.
PATIENCE_S = 240


def comes_true(holds: Callable[[], object]) -> bool:
    """Wait until something holds; return whether it did within the patience that a test has."""
    deadline = time.monotonic() + PATIENCE_S
    while not (is_so := bool(holds())) and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_so


def hear_ctrl_c() -> None:
    """Undo what a shell does to a program that it starts in the background: SIGINT is ignored, by its children too.

    What Python handles is as usual again in the programs that it starts.
    """
    is_ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if is_ignored and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


def ended(process: Process, number: int = signal.SIGTERM) -> int:
    """Send a program a signal and return its exit code. One that goes on is killed, and the test fails."""
    process.send_signal(number)
    return waited(process)


def waited(process: Process) -> int:
    """Return a program's exit code. Where it does not end, or the test does, it is killed."""
    try:
        return process.wait(timeout=PATIENCE_S)
    except BaseException:
        kill(process)
        raise


@contextlib.contextmanager
def killed_at_last(process: Process) -> Iterator[Process]:
    """Kill a program at the end of the block if it is there still."""
    try:
        yield process
    finally:
        kill(process)


def kill(process: Process) -> None:
    """Kill a program with all that it has started. One that has ended is left alone."""
    if process.poll() is None:
        for pid in (*_descendants(process.pid), process.pid):
            processes.kill(pid, signal.SIGKILL)
        process.wait()


def _descendants(parent: int) -> Iterator[int]:
    for child in processes.children(parent):
        yield child
        yield from _descendants(child)
