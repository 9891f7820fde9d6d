"""Runs every test, on SQLite, PostgreSQL and two other days: `python -m tests.run [--install] [pytest arguments]`.

Some tests need programs that pip cannot install. With `--install`, or under CI, apt-get installs them. Without them
their tests are skipped, which is a failure under CI.
"""

import os
import shutil
import sys

from bootstrap import foreground
from tests import dates, postgresql

NOTHING_COLLECTED, INTERRUPTED = 5, 2  # pytest's exit codes
# All tests at once run on one process more than the cores: many wait for a server. A selection runs on one process.
IN_PARALLEL = ["-q", f"--numprocesses={(os.cpu_count() or 1) + 1}", "--dist=worksteal", "--durations=10"]


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def nginx() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")  # Debian's users have no /usr/sbin.


def systemd() -> str | None:
    return shutil.which("systemd-analyze")


def gettext() -> str | None:
    return shutil.which("xgettext")


# Debian's names of packages.
FIND = {
    "chromium": chromium,
    "postgresql": postgresql.programs,
    "nginx": nginx,
    "systemd": systemd,
    "gettext": gettext,
    "faketime": dates.faketime,
}
SKIPPED_WITHOUT = {
    "chromium": "the browser tests",
    "postgresql": "the tests on PostgreSQL",
    "nginx": "the tests behind nginx",
    "systemd": "the tests of the systemd units",
    "gettext": "the tests of the translations",
    "faketime": "the tests on other days",
}


def main() -> int:
    arguments = [argument for argument in sys.argv[1:] if argument != "--install"] or IN_PARALLEL
    provide(is_asked="--install" in sys.argv or "CI" in os.environ)
    code = run_on_sqlite(arguments)
    if code != INTERRUPTED and postgresql.programs() is not None:
        code = run_on_postgresql(arguments) or code
    if code != INTERRUPTED and arguments == IN_PARALLEL and dates.faketime() is not None:
        code = dates.run(dates.IN_CI, [*IN_PARALLEL, *dates.WITHOUT_A_BROWSER]) or code
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
    foreground(*apt_get, "install", "--yes", "--no-install-recommends", *packages)


def run_on_sqlite(arguments: list[str]) -> int:
    environment = {**os.environ, "CHROMIUM": chromium() or ""}
    environment.pop("DATABASE_URL", None)  # Without one, tests/settings.py takes SQLite.
    return foreground(sys.executable, "-m", "pytest", *arguments, env=environment)


def run_on_postgresql(arguments: list[str]) -> int:
    pytest = [sys.executable, "-m", "pytest", "-m", "not browser and not sqlite_only", *arguments]
    code = foreground(sys.executable, "-m", "tests.postgresql", "--", *pytest)
    return 0 if code == NOTHING_COLLECTED and arguments != IN_PARALLEL else code


if __name__ == "__main__":
    sys.exit(main())
