"""What happens to the server: it is killed and restarted, its disk fills, its clock jumps, its database is locked."""

from __future__ import annotations

import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from tests.crash import processes
from tests.programs import comes_true, ended
from tests.soak.clock import HOUR_S

if TYPE_CHECKING:
    from tests.soak.soak import Soak

YEARS_S = 6 * 365.25 * 24 * HOUR_S
LEFT_BYTES = 8_000_000
LOCKED_S = 6  # Longer than a board waits for a lock.


class Events:
    """Each event by its name. `names` has those that are possible here, and `missing` the reasons for the others."""

    def __init__(self, soak: Soak) -> None:
        self.soak, self.random = soak, random.Random(soak.options.seed)
        self.happened: Counter[str] = Counter()
        self.all: dict[str, Callable[[], None]] = {
            "worker killed": self.kill_worker,
            "all killed": self.kill_all,
            "SIGTERM": self.restart,
            "SIGHUP": self.reload,
            "disk full": self.fill_disk,
            "database locked": self.lock,
        }
        self.missing: list[str] = []
        if soak.clock.moves:
            self.all |= {"clock ahead": self.ahead, "clock behind": self.behind, "clock in 2020": self.years_behind}
        else:
            self.missing.append("there is no faketime here: the clock stays")
        if soak.disk.is_own and not soak.cluster:
            self.all |= {"disk read-only": self.turn_read_only, "disk nearly full": self.nearly_fill_disk}
        elif not soak.cluster:
            self.missing.append("this process may not mount a disk: it does not turn read-only")
        if soak.cluster:
            del self.all["disk full"]
            self.all["PostgreSQL killed"] = self.kill_database
        if soak.options.only:
            self.all = {name: event for name, event in self.all.items() if name in soak.options.only}
        self._turns: list[str] = []

    def next(self) -> None:
        """Do each event once in a random order, then again in another."""
        self._turns = self._turns or self.random.sample(list(self.all), len(self.all))
        name = self._turns.pop()
        self.soak.ledger.note("event", name)
        with self.soak.timeline.during(name):
            self.all[name]()
        self.happened[name] += 1
        self.soak.ledger.note("event over", name)

    def mend(self) -> None:
        """Make all well: Ctrl-C may have come in the middle of an event."""
        soak = self.soak
        soak.clock.set(0)
        if soak.cluster and soak.cluster.process.poll() is not None:
            soak.cluster.start()
        if soak.disk.is_read_only:
            self._repair_disk()
        if soak.server.process.poll() is not None:
            soak.server.start()
        soak.disk.empty(soak.server.pids())

    def _stay(self, least_s: float, most_s: float) -> None:
        time.sleep(self.random.uniform(least_s, most_s))

    def kill_worker(self) -> None:
        workers = self.soak.server.workers()
        for worker in self.random.sample(workers, min(1, len(workers))):
            processes.kill(worker, signal.SIGKILL)
        comes_true(self.soak.server.answers)

    def kill_all(self) -> None:
        self.soak.server.stop(signal.SIGKILL)
        self.soak.server.start()

    def restart(self) -> None:
        """End the server, and start it again. It has to end in order."""
        server = self.soak.server
        if code := ended(server.process):
            self.soak.complain(f"after SIGTERM the server ended with {code}")
        server.start()

    def reload(self) -> None:
        """New workers take over from old ones."""
        before = self.soak.server.workers()
        self.soak.server.process.send_signal(signal.SIGHUP)
        if not comes_true(lambda: not set(before) & set(self.soak.server.workers())):
            self.soak.complain("after SIGHUP old workers stayed")
        comes_true(self.soak.server.answers)

    def fill_disk(self) -> None:
        self.soak.disk.fill(self.soak.server.pids())
        self._stay(3, 6)
        self.soak.disk.empty(self.soak.server.pids())

    def nearly_fill_disk(self) -> None:
        """Leave less than the reserve, which is for single values and logins."""
        self.soak.disk.fill(self.soak.server.pids(), LEFT_BYTES)
        self._stay(6, 9)
        self.soak.disk.empty(self.soak.server.pids())

    def turn_read_only(self) -> None:
        """The disk turns read-only under the running server. Then a person stops it, checks the disk, starts again."""
        self.soak.disk.turn_read_only()
        self._stay(3, 6)
        self._repair_disk()

    def _repair_disk(self) -> None:
        self.soak.is_board_off = True
        if self.soak.server.process.poll() is None:
            self.soak.server.stop(signal.SIGTERM)
        if not comes_true(self.soak.disk.repair):
            self.soak.complain("the disk could not be unmounted: a program kept a file open")
        self.soak.server.start()
        self.soak.is_board_off = False

    def lock(self) -> None:
        if self.soak.cluster:
            self._lock_postgresql()
            return
        with closing(sqlite3.connect(self.soak.var / "freetemp.sqlite3", timeout=60, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            time.sleep(LOCKED_S)
            database.execute("ROLLBACK")

    def _lock_postgresql(self) -> None:
        import psycopg

        assert self.soak.cluster
        with psycopg.connect(host=self.soak.cluster.directory, user="freetemp", dbname="postgres") as database:
            database.execute("LOCK TABLE stations_field, readings_reading IN EXCLUSIVE MODE")
            time.sleep(LOCKED_S)
            database.rollback()

    def kill_database(self) -> None:
        assert self.soak.cluster
        self.soak.cluster.kill()
        self._stay(0, 2)
        self.soak.cluster.start()

    def ahead(self) -> None:
        self._jump(self.random.choice((0.5, 1, 26)) * HOUR_S)

    def behind(self) -> None:
        self._jump(-self.random.choice((0.5, 2, 26)) * HOUR_S)

    def years_behind(self) -> None:
        self._jump(-YEARS_S)

    def _jump(self, offset_s: float) -> None:
        self.soak.clock.set(offset_s)
        self._stay(4, 8)
        self.soak.clock.set(0)
