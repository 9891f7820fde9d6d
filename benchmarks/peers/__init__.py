"""The servers that are measured side by side, each a program of its own on one core."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NamedTuple

from tests.server import ROOT, free_port

SERVER_CORE, LOAD_CORE = 0, 1
START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 30


class Running(NamedTuple):
    """A server that answers on this machine, in a session of its own."""

    port: int
    pid: int

    def processor_s(self) -> float:
        """Return the processor time of its processes, in seconds."""
        stats = [_stat(process) for process in Path("/proc").glob("[0-9]*")]
        ticks = sum(int(stat[11]) + int(stat[12]) for stat in stats if stat and int(stat[3]) == self.pid)
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a directory on TMPDIR's disk. The program also ends cleanly on SIGTERM, as on Ctrl-C."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="freetemp-benchmark-") as name:
        yield Path(name)


@contextmanager
def gunicorn(app: str, directory: Path, environment: dict[str, str], root: Path = ROOT) -> Iterator[Running]:
    """Serve a WSGI application with freetemp's shipped configuration."""
    port = free_port()
    arguments = ["-c", "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}", app]
    command = [sys.executable, "-m", "gunicorn", *arguments]
    with serving(command, port, directory / "gunicorn.log", environment, root) as running:
        yield running


@contextmanager
def granian(directory: Path) -> Iterator[Running]:
    """Serve freetemp with Granian, as docs/deploy.md describes it."""
    port = free_port()
    own = ["--host", "127.0.0.1", "--port", str(port), "--interface", "wsgi", "--no-ws", "--http", "1"]
    limits = ["--blocking-threads", "16", "--http1-header-read-timeout", "10000", "--backpressure", "1000"]
    command = [sys.executable, "-m", "granian", *own, *limits, "freetemp.wsgi:application"]
    with serving(command, port, directory / "granian.log") as running:
        yield running


@contextmanager
def serving(
    command: list[str],
    port: int,
    log: Path,
    environment: dict[str, str] | None = None,
    root: Path = ROOT,
    cores: str = str(SERVER_CORE),
) -> Iterator[Running]:
    """Run a server on its core until the block ends. In its own group, it gets no Ctrl-C: only this program does."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            ["taskset", "-c", cores, *command],
            cwd=root,
            env=os.environ | (environment or {}),
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        _wait_for(process, port, log)
        yield Running(port, process.pid)
    finally:
        _stop(process)


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"{process.args} did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    """Tell whether a server answers boards and people, who may be answered by another process, which starts later."""
    return all(_answers_at(port, path) for path in ("/update/", "/admin/login/"))


def _answers_at(port: int, path: str) -> bool:
    """Tell whether a server answers at all: a server that only listens may not have loaded its application yet."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        return connection.getresponse().status > 0
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _stat(process: Path) -> list[str]:
    """Return a process's fields of proc(5) from its state on, or nothing if it has ended meanwhile."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()  # gunicorn's master ends its workers.
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
