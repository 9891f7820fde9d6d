"""Shared by benchmarks: a line on the machine, and a PostgreSQL that keeps every acknowledged write."""

import os
import platform
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

import django

from freetemp import zone_rules
from tests.postgresql import give_away, programs, run

zone_rules.use_newest()  # Before a benchmark makes a ZoneInfo, as settings.py does for freetemp.


def machine(directory: Path) -> str:
    """Describe the machine of the measurements, with the time that its disk takes to keep a page."""
    info = Path("/proc/cpuinfo").read_text() if sys.platform == "linux" else ""
    cpu = next((line.partition(": ")[2] for line in info.splitlines() if "model name" in line), platform.processor())
    versions = f"Python {platform.python_version()}, Django {django.__version__}"
    return f"{cpu}, {os.cpu_count()} cores; {versions}; 4 KiB forced to disk in {sync_ms(directory):.2f} ms."


def sync_ms(directory: Path) -> float:
    costs = []
    with (directory / "sync").open("wb", buffering=0) as file:
        for _ in range(200):
            started = perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            costs.append(perf_counter() - started)
    return statistics.median(costs) * 1000


def spread(values: list[float]) -> str:
    """Return a median with its range, as text."""
    numbers = (statistics.median(values), min(values), max(values))
    return "{:,.{d}f} ({:,.{d}f}-{:,.{d}f})".format(*numbers, d=int(max(values) < 200))


def ask(connection: Any, **sql: str) -> Any:
    """Run the statement for this kind of database and return its answer, if any."""
    with connection.cursor() as cursor:
        cursor.execute(sql[connection.vendor])
        return cursor.fetchone()[0] if cursor.description else None


@contextmanager
def durable_postgresql(directory: Path) -> Iterator[str | None]:
    """Yield the environment's PostgreSQL, or one of our own, or None. The one in tests.postgresql has fsync off."""
    given, folder = os.environ.get("DATABASE_URL", ""), programs()
    if given.startswith("postgres"):
        yield given
    elif folder is None or find_spec("psycopg") is None:
        yield None
    else:
        with _cluster(folder, directory) as url:
            yield url


@contextmanager
def _cluster(folder: Path, directory: Path) -> Iterator[str]:
    directory.chmod(0o711)  # PostgreSQL's own user must get through.
    home = directory / "postgresql"
    home.mkdir(mode=0o700)
    owner = give_away(str(home))
    run(folder / "initdb", "-D", home / "data", "-U", "freetemp", "-A", "trust", "-E", "UTF8", "--no-locale", **owner)
    options = f"-k {home} -c listen_addresses="
    run(folder / "pg_ctl", "start", "-w", "-D", home / "data", "-l", home / "log", "-o", options, **owner)
    try:
        yield f"postgresql://freetemp@/{home}/postgres"
    finally:
        run(folder / "pg_ctl", "stop", "-w", "-D", home / "data", **owner)
