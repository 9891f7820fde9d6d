"""Runs every test, on SQLite, PostgreSQL and two other days: `python -m tests.run [--install] [pytest arguments]`.

What asks for the day runs on PostgreSQL on the first of the other days, and on SQLite on the second.

Without arguments, the run on SQLite and the other runs go on at the same time, because many tests wait for a server, a
board or a browser. The output of the other runs comes after that of SQLite.

Some tests need programs that pip cannot install. With `--install`, or under CI, apt-get installs them. If a program is
missing, its tests are skipped, which is a failure under CI.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from freetemp.installation import foreground
from tests import dates, postgresql
from tests.mosquitto import mosquitto
from tests.programs import chromium, daemon, environment_of_tests

TESTS = Path(__file__).parent
NOTHING_COLLECTED, INTERRUPTED = 5, 2  # pytest's exit codes
CORES = os.cpu_count() or 1
# All runs together have three processes a core, because many tests wait. A selection of tests runs in one process.
IN_PARALLEL = ["-q", "--dist=worksteal", "--durations=10", f"--numprocesses={2 * CORES - 1}"]
BESIDE_IT = [*IN_PARALLEL, f"--numprocesses={CORES}"]


def nginx() -> str | None:
    return daemon("nginx")


def systemd() -> str | None:
    return shutil.which("systemd-analyze")


def gettext() -> str | None:
    return shutil.which("xgettext")


# Debian's names of packages. Ubuntu has others.
ELSEWHERE = {"chromium-headless-shell": "chromium-browser"}
FIND = {
    "chromium-headless-shell": chromium,
    "postgresql": postgresql.programs,
    "nginx": nginx,
    "systemd": systemd,
    "gettext": gettext,
    "faketime": dates.faketime,
    "mosquitto": mosquitto,
}
SKIPPED_WITHOUT = {
    "chromium-headless-shell": "the browser tests",
    "postgresql": "the tests on PostgreSQL",
    "nginx": "the tests behind nginx",
    "systemd": "the tests of the systemd units",
    "gettext": "the tests of the translations",
    "faketime": "the tests on other days",
    "mosquitto": "the tests with an MQTT broker",
}


def main() -> int:
    arguments = [argument for argument in sys.argv[1:] if argument != "--install"]
    with ThreadPoolExecutor() as pool:
        if not arguments:
            pool.submit(compile_tests)  # apt-get mostly waits for the network.
        provide(is_asked="--install" in sys.argv or "CI" in os.environ)
    return run_some(arguments) if arguments else run_all()


def compile_tests() -> None:
    """Have pytest compile the modules of a fresh clone, a part of them on each core.

    Otherwise every process of the runs compiles all of them at the same time, for 11 s each.
    """
    files = [path for path in sorted(TESTS.rglob("test_*.py")) if not any(compiled(path))]
    parts = [files[core::CORES] for core in range(CORES)]
    collect = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider"]
    with ThreadPoolExecutor() as pool:
        for part in filter(None, parts):
            pool.submit(foreground, *collect, *part, env=environment_of_tests(), stdout=subprocess.DEVNULL)


def compiled(path: Path) -> Iterator[Path]:
    return path.parent.glob(f"__pycache__/{path.stem}.*-pytest-*.pyc")


def run_some(arguments: list[str]) -> int:
    code = run_on_sqlite(arguments)
    if code != INTERRUPTED and postgresql.programs() is not None:
        on_postgresql = run_on_postgresql(arguments)
        code = code or (0 if on_postgresql == NOTHING_COLLECTED else on_postgresql)
    return code


def run_all() -> int:
    """Run the tests on SQLite, and the other runs beside it. The output of those is shown at the end."""
    with ThreadPoolExecutor() as pool, contextlib.ExitStack() as stack:
        others = []
        for run in other_runs():
            said = stack.enter_context(tempfile.TemporaryFile("w+"))
            others.append((pool.submit(run, stdout=said, stderr=subprocess.STDOUT), said))
        codes = [run_on_sqlite(IN_PARALLEL)]
        for other, said in others:
            codes.append(other.result())  # It ends by itself: Ctrl-C reaches it too.
            said.seek(0)
            print(said.read(), end="", flush=True)  # noqa: T201
    return next(filter(None, codes), 0)


def other_runs() -> list[Callable[..., int]]:
    """Return the runs on PostgreSQL and on other days. What asks for the day runs on PostgreSQL on the first of those.

    A wait of a thread with a limit has none under faketime. That is no matter where tests ask for the day.
    """
    days = [*dates.IN_CI] if dates.faketime() else []
    runs: list[Callable[..., int]] = []
    if postgresql.programs():
        runs.append(partial(run_all_on_postgresql, days.pop(0) if days else None))
    # In one process: to collect the tests in another one costs a quarter of what they take.
    return [*runs, partial(dates.run, days, ["-m", "not browser and not any_day"], dates.ASKS_FOR_THE_DAY)]


def run_all_on_postgresql(day: str | None, **options: Any) -> int:
    asking = dates.ASKS_FOR_THE_DAY
    later = [f"--ignore={folder}" for folder in asking] if day else []
    code = run_on_postgresql([*BESIDE_IT, *later], **options)
    if day and code != INTERRUPTED:
        code = run_on_postgresql([*BESIDE_IT, *asking], day, **options) or code
    return code


def provide(*, is_asked: bool) -> None:
    """Install missing programs on request, and name the tests that are skipped without the rest."""
    missing = [package for package, find in FIND.items() if not find()]
    if missing and is_asked:
        apt_install(missing)
        missing = [package for package in missing if not FIND[package]()]
    if missing and "CI" in os.environ:
        sys.exit(f"Under CI no test may be skipped, and this is missing: {', '.join(missing)}.")
    for package in missing:
        print(  # noqa: T201
            f"There is no {package}, so that {SKIPPED_WITHOUT[package]} are skipped: "
            "install it, or have `python3 bootstrap.py test --install` do it with apt-get."
        )


def apt_install(packages: list[str]) -> None:
    if not shutil.which("apt-get"):
        sys.exit(f"There is no apt-get here: install {' and '.join(packages)} yourself, then leave out --install.")
    is_root = not hasattr(os, "geteuid") or os.geteuid() == 0
    sudo = ["sudo"] if not is_root and shutil.which("sudo") else []
    apt_get = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    foreground(*apt_get, "update")
    install = [*apt_get, "install", "--yes", "--no-install-recommends"]
    if foreground(*install, *packages):  # apt-get installs nothing if it does not know one of them.
        for package in packages:
            foreground(*install, ELSEWHERE.get(package, package))


def run_on_sqlite(arguments: list[str]) -> int:
    environment = environment_of_tests() | {"CHROMIUM": chromium() or ""}
    environment.pop("DATABASE_URL", None)  # Without one, tests/settings.py takes SQLite.
    return foreground(sys.executable, "-m", "pytest", *arguments, env=environment)


def run_on_postgresql(arguments: list[str], day: str | None = None, **options: Any) -> int:
    """Run the tests on PostgreSQL, today or on another day. PostgreSQL itself has today, or it would end no wait."""
    pytest = [sys.executable, "-m", "pytest", "-m", "not browser and not sqlite_only", *arguments]
    cluster = [sys.executable, "-m", "tests.postgresql", "--"]
    if day:
        return dates.run_on(day, pytest, today=cluster, **options)
    return foreground(*cluster, *pytest, env=environment_of_tests(), **options)


if __name__ == "__main__":
    sys.exit(main())
