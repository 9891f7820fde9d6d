"""Programs in Python that start fast: a process that has loaded Django and other packages forks for each of them.

manage.py takes a second of the processor until its command begins, two thirds of it for packages. Python starts anew
for what tests the start itself, a program's memory or what a program has loaded; and for what has other variables for
Python or for the system's loader. None of freetemp's own modules, and no setting, is there before the program begins.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from tests.programs import waited

ROOT = Path(__file__).parent.parent
PACKAGES = (
    *("django.contrib.admin", "django.core.checks", "django.core.management.commands.migrate", "django.test"),
    *("django.contrib.sessions.backends.db", "django.db.backends.sqlite3.base", "django.middleware.csrf"),
    *("rest_framework.exceptions", "rest_framework.response", "rest_framework.serializers"),
    *("csp.middleware", "django_stubs_ext", "environ", "gunicorn.app.wsgiapp", "jinja2", "whitenoise.middleware"),
    *("cryptography.fernet", "msgspec", "PIL.ImageDraw", "PIL.ImageFont", "tqdm", "yaml"),
)
# What Python and the system's loader read once, when a process begins.
AT_THE_START = ("PYTHON", "LD_", "LC_", "LANG", "TZ", "FAKETIME", "MALLOC_")
OURS = dict(os.environ)


class Program:
    """A program that runs, as subprocess.Popen has it: `python arguments...`, a file, a module or a text."""

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], files: Sequence[IO[Any]], *, leads: bool = False
    ) -> None:
        """`files` are its input, its output and its errors. If it leads, it has a session and a group of its own."""
        self.args = [sys.executable, *arguments]
        self.returncode: int | None = None
        self.told, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        wanted = {"arguments": [*arguments], "environment": {**environment}, "leads": leads, "umask": umask()}
        with theirs:
            fds = [theirs.fileno(), *(file.fileno() for file in files)]
            socket.send_fds(loaded(), [json.dumps(wanted).encode()], fds)
        self.pid = int(self.told.recv(100))

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self.told.settimeout(timeout)
            try:
                self.returncode = int(self.told.recv(100))
            except (BlockingIOError, TimeoutError):
                raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
            self.told.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def run(
    arguments: Sequence[str], environment: Mapping[str, str], answer: str = "", *, together: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run `python arguments...` in the project's folder, whatever it ends with.

    `together` puts its errors into its output, as a terminal shows them.
    """
    with contextlib.ExitStack() as stack:
        given, said, complained = (stack.enter_context(tempfile.TemporaryFile("w+")) for _ in range(3))
        given.write(answer)
        given.seek(0)
        process = start(arguments, environment, (given, said, said if together else complained))
        code = waited(process)
        said.seek(0)
        complained.seek(0)
        return subprocess.CompletedProcess(process.args, code, said.read(), complained.read())


def output_of(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Run `python arguments...`, which has to succeed, and return what it says."""
    done = run(arguments, environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def start(
    arguments: Sequence[str], environment: Mapping[str, str], files: Sequence[IO[Any]], *, leads: bool = False
) -> Program | subprocess.Popen[bytes]:
    """Start `python arguments...` in the project's folder, from what is loaded if that makes no difference to it."""
    if sys.platform == "linux" and at_the_start(environment) == at_the_start(OURS):
        return Program(arguments, environment, files, leads=leads)
    return start_anew(arguments, environment, files, leads=leads)


def start_anew(
    arguments: Sequence[str], environment: Mapping[str, str], files: Sequence[IO[Any]], *, leads: bool = False
) -> subprocess.Popen[bytes]:
    stdin, stdout, stderr = files
    options: dict[str, Any] = {"cwd": ROOT, "env": environment, "start_new_session": leads}
    return subprocess.Popen([sys.executable, *arguments], stdin=stdin, stdout=stdout, stderr=stderr, **options)


def at_the_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(AT_THE_START)}


def umask() -> int:
    os.umask(present := os.umask(0o077))
    return present


@functools.cache
def loaded() -> socket.socket:
    """Start the process that has the packages, once. It ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        number = theirs.fileno()
        command = [sys.executable, "-m", "tests.preloaded", str(number)]
        quiet: Any = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        process = subprocess.Popen(command, cwd=ROOT, env=OURS, pass_fds=[number], **quiet)
    atexit.register(process.wait)  # Called last: the end of `ours` ends it.
    atexit.register(ours.close)
    return ours


# The process that has the packages


def load() -> None:
    from freetemp.lean_imports import load_rest_framework

    load_rest_framework()  # As freetemp does: it looks for fewer packages then.
    for name in PACKAGES:
        importlib.import_module(name)
    for name in [name for name in sys.modules if name.partition(".")[0] in ("freetemp", "tests")]:
        del sys.modules[name]


def serve(requests: socket.socket) -> dict[str, Any] | None:
    """Fork for each request, and return it in the process that is to be the program; or None, once nobody asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        said, fds, *_ = socket.recv_fds(requests, 2**20, 4)
        if not said:
            return None
        if os.fork() == 0:
            requests.close()
            tell_the_end(socket.socket(fileno=fds[0]), fds[1:])
            return dict(json.loads(said))
        for fd in fds:
            os.close(fd)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def tell_the_end(told: socket.socket, files: list[int]) -> None:
    """Start the program and tell how it ends. This returns in the program alone, with its files in place."""
    pid = os.fork()
    if pid:
        for fd in files:
            os.close(fd)
        told.send(str(pid).encode())
        status = os.waitpid(pid, 0)[1]
        with contextlib.suppress(OSError):  # The tests have ended.
            told.send(str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    told.close()
    for number, fd in enumerate(files):
        os.dup2(fd, number)
        os.close(fd)


def become(wanted: dict[str, Any]) -> list[str]:
    """Be the program in all that it asks the system for. Return its arguments."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if wanted["leads"]:
        os.setsid()
    os.umask(wanted["umask"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    return list(wanted["arguments"])


def main() -> None:
    load()
    gc.freeze()  # Objects that nobody collects stay in memory that the programs share.
    wanted = serve(socket.socket(fileno=int(sys.argv[1])))
    if wanted is None:
        return
    first, *rest = become(wanted)
    if first == "-m":
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif first == "-c":
        sys.argv = ["-c", *rest[1:]]
        exec(compile(rest[0], "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102 - a test's own text
    else:
        sys.argv = [first, *rest]
        sys.path[0] = str((ROOT / first).parent)
        runpy.run_path(first, run_name="__main__")


if __name__ == "__main__":
    main()
