"""Programs that tests start: they react to Ctrl-C, and end with their test, however it ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator

from tests.crash import processes

Process = subprocess.Popen[str] | subprocess.Popen[bytes]
# No verdict depends on this: the awaited event ends the wait, and only an event that never comes takes this long.
PATIENCE_S = 240
# The first is the same browser without windows and profiles: a new page takes a quarter of the processor's time.
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """Return the path of the browser for the tests: the one that CHROMIUM names, or the first that is installed."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)


def daemon(name: str) -> str | None:
    """Return the path of a daemon's program, if it is installed: Debian's users have no /usr/sbin on their PATH."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin")


def environment_of_tests() -> dict[str, str]:
    """Return an environment in which programs keep compiled bytecode: tests start hundreds of programs."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def comes_true(holds: Callable[[], object]) -> bool:
    """Wait until a condition holds; return whether it did within a test's patience."""
    deadline = time.monotonic() + PATIENCE_S
    while not (is_so := bool(holds())) and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_so


def hear_ctrl_c() -> None:
    """Undo the effect of a shell on a program in the background, which ignores SIGINT, as do its children.

    If Python handles a signal, the signal has its usual effect again in the programs that Python starts.
    """
    is_ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if is_ignored and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


def ended(process: Process, number: int = signal.SIGTERM) -> int:
    """Send a program a signal and return its exit code. A program that does not end is killed, and the test fails."""
    process.send_signal(number)
    return waited(process)


def waited(process: Process) -> int:
    """Return a program's exit code. If it does not end, or the test ends first, it is killed."""
    try:
        return process.wait(timeout=PATIENCE_S)
    except BaseException:
        kill(process)
        raise


@contextlib.contextmanager
def killed_at_last(process: Process) -> Iterator[Process]:
    """Kill a program at the end of the block if it still runs."""
    try:
        yield process
    finally:
        kill(process)


def kill(process: Process) -> None:
    """Kill a program with all its children. A program that has ended is left alone."""
    if process.poll() is None:
        for pid in (*_descendants(process.pid), process.pid):
            processes.kill(pid, signal.SIGKILL)
        process.wait()


def _descendants(parent: int) -> Iterator[int]:
    for child in processes.children(parent):
        yield child
        yield from _descendants(child)
