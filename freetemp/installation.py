"""The programs that bootstrap.py runs, and the packages that it installs. bootstrap.py needs this before anything is
installed, so it uses only the standard library."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

BASE_DIR = Path(__file__).resolve().parent.parent
VENV = BASE_DIR / ".venv"
PROGRAMS = VENV / ("Scripts" if os.name == "nt" else "bin")
EXE = ".exe" if os.name == "nt" else ""
PYTHON = PROGRAMS / f"python{EXE}"
NODE_MODULES = BASE_DIR / "node_modules"

ROOM_TO_INSTALL_BYTES = 300_000_000
DISK_IS_FULL = "The disk is full: freetemp needs about 500 MB. Make room, then run this again."
NO_NETWORK = (
    "The packages could not be fetched, and the first run needs the internet: "
    "check the connection (and the proxy, if you have one), then run this again."
)
NETWORK_TROUBLE = re.compile(r"connection broken|Max retries exceeded|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT")


@contextlib.contextmanager
def program(*command: str | Path, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Run a program in the project's folder, and end it at the end of the block.

    It has its own process group: Ctrl-C then reaches only this process, which ends the others in order.
    """
    process = subprocess.Popen(
        list(map(str, command)),
        cwd=BASE_DIR,
        text=True,
        errors="replace",
        start_new_session=os.name != "nt",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        **options,
    )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[str]) -> None:
    """Ask a program to stop. It is killed if it takes too long, or after a second Ctrl-C."""
    process.terminate()
    try:
        process.wait(timeout=15)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.wait()


def step(sentence: str, *command: str | Path) -> None:
    """Print one line and run a program with hidden output. If it fails, show its last lines and what to do."""
    print(f"{sentence} ...", flush=True)  # noqa: T201
    with program(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        output, _ = process.communicate()
    if process.returncode:
        print(*output.splitlines()[-15:], sep="\n", file=sys.stderr)  # noqa: T201
        sys.exit(what_to_do(output))


def what_to_do(output: str) -> str:
    """Return the advice for a failed program, from its output and the room on the disk."""
    if "No space left" in output or shutil.disk_usage(BASE_DIR).free < ROOM_TO_INSTALL_BYTES:
        return DISK_IS_FULL
    if NETWORK_TROUBLE.search(output):
        return NO_NETWORK
    return "This step failed, for the reason above. Once that is mended, run this again."


def foreground(*command: str | Path, **options: Any) -> int:
    """Run a program in the foreground: it may ask for a password, and receives Ctrl-C itself."""
    process = subprocess.Popen(list(map(str, command)), cwd=BASE_DIR, **options)
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            return process.wait()


def make_venv() -> None:
    """Make .venv unless there is a working one: the system's Python may have changed since."""
    works = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    if PYTHON.exists():
        with program(PYTHON, "-c", works, stderr=subprocess.DEVNULL) as process:
            if process.wait() == 0:
                return
    if find_spec("ensurepip") is None:
        sys.exit("This Python cannot make a .venv. On Debian and Ubuntu: sudo apt install python3-venv")
    step("Making .venv", sys.executable, "-m", "venv", "--clear", VENV)


def install(*names: str, options: Sequence[str] = ()) -> None:
    """Install these requirements/*.txt into .venv by pip, unless they were the last ones installed there."""
    files = [BASE_DIR / "requirements" / f"{name}.txt" for name in names]
    stamp, digest = VENV / "requirements.stamp", digest_of(*files)
    if stamp_of(stamp) != digest:
        pip_install("Installing Python packages (first time: about a minute)", *files, options=options)
        stamp.write_text(digest)


def pip_install(sentence: str, *files: Path, options: Sequence[str] = ()) -> None:
    wanted = [option for file in files for option in ("-r", file)]
    pip = (PYTHON, "-m", "pip", "--no-input", "install", "--require-hashes", "--progress-bar=off")
    step(sentence, *pip, *options, *wanted)


def install_browser_libraries(tests: bool = False) -> None:
    """Have npm unpack the packages of package-lock.json unless they are there; `tests` adds those for tests only."""
    digest = digest_of(BASE_DIR / "package.json", BASE_DIR / "package-lock.json")
    wanted = f"{digest} and for tests" if tests else digest
    stamp = NODE_MODULES / "libraries.stamp"  # npm empties the folder first, and the stamp goes with it.
    if not stamp_of(stamp).startswith(wanted):  # An installation for tests serves too.
        npm = shutil.which("npm") or npm_from_pypi()
        which = "--include=dev" if tests else "--omit=dev"
        # Without a network, npm itself would wait more than a minute in silence.
        patience = ("--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000")
        step("Installing browser libraries", npm, "ci", which, "--ignore-scripts", "--no-audit", "--no-fund", *patience)
        stamp.write_text(wanted)


def npm_from_pypi() -> Path:
    pip_install("Installing npm, which this machine lacks (60 MB)", BASE_DIR / "requirements" / "npm.txt")
    return PROGRAMS / f"npm{EXE}"


def digest_of(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def stamp_of(stamp: Path) -> str:
    return stamp.read_text() if stamp.exists() else ""
