"""What has to stay bounded: memory, threads and descriptors of the server, its cache, its disk, and its log."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from freetemp.counter_cache import FILE_BYTES

if TYPE_CHECKING:
    from tests.soak.soak import Soak

EVERY_S = 2.0
WEB_THREADS = 16
MOST_MEMORY_KB = 400_000
MOST_THREADS = WEB_THREADS + 12
MOST_OF_A_FILE = 8
# Each thread has it open, and SQLite closes a descriptor only once no other one of the process holds a lock.
MOST_OF_THE_DATABASE = 40
MOST_SOCKETS = 100
ACCEPTED = {"01", "08"}  # states of TCP: established, and closed by the other side alone
MOST_WAL_BYTES = 100_000_000
BYTES_A_READING, EMPTY_BYTES = 150, 3_000_000

# What a server may log at ERROR, and the events that explain it. Nothing explains a traceback.
DATABASE = {"disk full", "disk read-only", "database locked", "PostgreSQL killed"}
EXPECTED = [
    (re.compile("A reading could not be stored|A wrong login is not in the overview"), DATABASE),
    (re.compile("server's clock is in the past"), {"clock in 2020"}),
    (re.compile(r"Worker \(pid:\d+\) was sent SIG"), {"worker killed", "all killed", "SIGHUP", "SIGTERM"}),
    (re.compile(r"the cache failed: OSError\((27|28|30), "), DATABASE),
    (re.compile("Service Unavailable: /"), DATABASE),
]
SERIOUS = re.compile(r"Traceback|ERROR|CRITICAL|Exception")
BEGINS = re.compile(r"\[?\d{4}-\d\d-\d\d ")
SLACK_S = 30.0
# Everything that may lie in VAR_DIR, by its beginning.
KNOWN = (
    "freetemp.sqlite3",
    "static",
    "cache",
    "servers",
    "backups",
    "removed",
    "firmware",
    "clock-is-set",
    "uploads-wanted",
    "prepare.lock",
)


class Watch(threading.Thread):
    """Looks at the server every two seconds, and keeps the largest figures."""

    def __init__(self, soak: Soak) -> None:
        super().__init__(daemon=True)
        self.soak = soak
        self.most: Counter[str] = Counter()
        self.told: set[str] = set()

    def run(self) -> None:
        while not self.soak.stopping.wait(EVERY_S):
            self.look()

    def look(self) -> None:
        self.soak.log.read()
        for pid in self.soak.server.pids():
            try:
                figures = _figures(pid)
            except OSError:  # It has just ended.
                continue
            self.most |= figures
            for name, most in (("memory_kb", MOST_MEMORY_KB), ("threads", MOST_THREADS), ("sockets", MOST_SOCKETS)):
                self._check(name, figures[name], most)
            self._check("times open: the same file", figures["times open: the same file"], MOST_OF_A_FILE)
            self._check("times open: the database", figures["times open: the database"], MOST_OF_THE_DATABASE)
        for cache in self.soak.var.glob("*.slots"):
            self._check(cache.name, cache.stat().st_size, FILE_BYTES)

    def _check(self, name: str, figure: int, most: int) -> None:
        self.most[name] = max(self.most[name], figure)
        if figure > most and name not in self.told:
            self.told.add(name)
            self.soak.complain(f"{name} of the server: {figure}, and at most {most} are expected")


def _figures(pid: int) -> Counter[str]:
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    targets = Counter(_targets(pid))
    sockets = sum(times for target, times in targets.items() if target.startswith("socket:"))
    files = {target: times for target, times in targets.items() if target.startswith("/")}
    database = [files.pop(target) for target in list(files) if ".sqlite3" in target]
    return Counter(
        {
            "memory_kb": int(status["VmRSS"].split()[0]) if "VmRSS" in status else 0,
            "threads": int(status["Threads"]),
            "descriptors": targets.total(),
            "sockets": sockets,
            "times open: the database": max(database, default=0),
            "times open: the same file": max(files.values(), default=0),
        }
    )


def _targets(pid: int) -> Iterator[str]:
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            yield str(link.readlink())
        except OSError:
            continue


def log_faults(soak: Soak) -> Iterator[str]:
    """Yield a sentence for each kind of line in the log that nothing explains, and for each key in it."""
    soak.log.read()
    kinds = Counter(_kind(entry) for entry in _unexplained(soak))
    yield from (f"the log says {times} times: {kind}" for kind, times in kinds.items())
    text = soak.log.path.read_text(errors="replace")
    yield from (f"a key is in the log: {key[:4]}..." for key in soak.keys if key in text)


def _kind(entry: str) -> str:
    """Return the first and the last line of an entry, without their numbers."""
    first, *others = entry.splitlines()
    return re.sub(r"\d+", "#", " ... ".join([first, *others[-1:]])[:400])


def _unexplained(soak: Soak) -> Iterator[str]:
    for moment_s, entry in _entries(soak.log.lines):
        if SERIOUS.search(entry):
            names = soak.timeline.names_at(moment_s, SLACK_S)
            is_expected = any(pattern.search(entry) and names & events for pattern, events in EXPECTED)
            if "Traceback" in entry or not is_expected:
                yield entry


def _entries(lines: list[tuple[float, str]]) -> list[tuple[float, str]]:
    entries: list[tuple[float, str]] = []
    for moment_s, line in lines:
        if entries and not BEGINS.match(line):
            entries[-1] = (entries[-1][0], f"{entries[-1][1]}\n{line}")
        else:
            entries.append((moment_s, line))
    return entries


def disk_faults(soak: Soak, readings: int) -> Iterator[str]:
    """Yield what is on the disk without a reason."""
    if not soak.var.exists():
        return
    for path in soak.var.iterdir():
        if not path.name.startswith(KNOWN):
            yield f"nobody knows {path.name} in VAR_DIR"
    yield from (f"left in the temporary folder: {path.name}" for path in (soak.folder / "tmp").iterdir())
    database = soak.var / "freetemp.sqlite3"
    if database.exists():
        most = EMPTY_BYTES + readings * BYTES_A_READING
        if database.stat().st_size > most:
            yield f"the database has {database.stat().st_size} bytes for {readings} readings, at most {most} expected"
        wal = Path(f"{database}-wal")
        if wal.exists() and wal.stat().st_size > MOST_WAL_BYTES:
            yield f"the write-ahead log has {wal.stat().st_size} bytes"


def disk_use(soak: Soak) -> str:
    """Return what lies in VAR_DIR, in MB."""
    sizes: Counter[str] = Counter()
    for path in soak.var.rglob("*"):
        if path.is_file():
            sizes[path.relative_to(soak.var).parts[0]] += path.stat().st_size
    return ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in sizes.most_common())


def wait_until_quiet(watch: Watch) -> None:
    """Look at the server when no player is there any more: no connection may stay open."""
    deadline = time.monotonic() + 60
    while (left := connections(watch.soak.port)) and time.monotonic() < deadline:
        time.sleep(1)
    if left:
        watch.soak.complain(f"{left} connections stay open in the server a minute after the last player has left")


def connections(port: int) -> int:
    """Return how many connections a process has accepted at a port of this machine and not closed: proc(5)."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    rows = [line.split() for line in lines]
    return sum(int(row[1].split(":")[1], 16) == port and row[3] in ACCEPTED and row[9] != "0" for row in rows)
