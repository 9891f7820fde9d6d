"""Kills the server, and PostgreSQL, under load, and compares the answers with the stored readings.

python -m tests.crash [--postgresql] [--seconds 600] [--kills N] [--clients N] [--seed N]
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from tests.crash.client import SINGLE_FIELDS, Board, Console, Ledger, play
from tests.crash.postgres import Cluster
from tests.crash.processes import children, kill
from tests.crash.registry import register, register_consoles

if TYPE_CHECKING:
    from tests.server import Server

SETTLE_S = 60  # The time that clients have, after the last kill, to get everything acknowledged.
BOARDS_A_CLIENT, SHARED_BOARDS = 4, 2


def main() -> int:
    options = parse(sys.argv[1:])
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="freetemp-crash-")))
        cluster = stack.enter_context(Cluster()) if options.postgresql else None
        if options.migrated:
            shutil.copy(options.migrated, directory / "crash.sqlite3")
        start_django(cluster.url if cluster else f"sqlite:///{directory}/crash.sqlite3")
        from tests.server import Server

        boards = register(options.clients * BOARDS_A_CLIENT + SHARED_BOARDS, (2, *SINGLE_FIELDS))
        consoles = register_consoles(options.clients)
        with (
            Server(directory / "log", WEB_CONCURRENCY="2") as server,
            clients(options, server.port, boards, consoles) as ledgers,
        ):
            killed = Killer(server, cluster, options).run()
        return report(options, killed, ledgers)  # The server has ended: no request is under way any more.


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__.splitlines()[0])
    parser.add_argument("--postgresql", action="store_true", help="On a PostgreSQL of its own, killed as well.")
    parser.add_argument("--seconds", type=float, default=600, help="How long to report and kill.")
    parser.add_argument("--kills", type=int, default=1_000_000, help="Kill no more often than that.")
    parser.add_argument("--clients", type=int, default=4, help="How many processes report.")
    parser.add_argument("--seed", type=int, default=None, help="What the clients and the killer draw from.")
    parser.add_argument("--migrated", help="An empty SQLite database with all migrations, which take 5 s.")
    options = parser.parse_args(arguments)
    options.seed = random.randrange(2**32) if options.seed is None else options.seed
    return options


def start_django(database_url: str) -> None:
    os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database_url}
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


@contextlib.contextmanager
def clients(
    options: argparse.Namespace, port: int, boards: list[Board], consoles: list[Console]
) -> Iterator[list[Ledger]]:
    """Yield a list that has the clients' ledgers after the `with`."""
    stop_at = time.time() + options.seconds
    shared, own, ledgers = boards[:SHARED_BOARDS], boards[SHARED_BOARDS:], list[Ledger]()
    until = stop_at, stop_at + SETTLE_S
    with ProcessPoolExecutor(options.clients, multiprocessing.get_context("spawn")) as pool:
        futures = [
            pool.submit(play, n, port, own[n :: options.clients], shared, consoles[n], options.seed, *until)
            for n in range(options.clients)
        ]
        yield ledgers
        ledgers += [each.result(timeout=options.seconds + 2 * SETTLE_S) for each in futures]


class Killer:
    """Kills the server with its workers, one worker, or the database, again and again at random moments."""

    def __init__(self, server: Server, cluster: Cluster | None, options: argparse.Namespace) -> None:
        self.server, self.cluster, self.options = server, cluster, options
        self.random = random.Random(options.seed)
        self.killed: Counter[str] = Counter()

    def run(self) -> Counter[str]:
        stop_at = time.monotonic() + self.options.seconds
        ways = {"server": self._kill_server, "worker": self._kill_worker}
        if self.cluster:
            ways["PostgreSQL"] = self._kill_database
        turns: list[str] = []
        while (left := stop_at - time.monotonic()) > 0 and self.killed.total() < self.options.kills:
            time.sleep(min(left, self.random.uniform(0.05, 1.2)))
            turns = turns or self.random.sample(list(ways), len(ways))  # Each way once, in any order, then again.
            way = turns.pop()
            ways[way]()
            self.killed[way] += 1
        time.sleep(max(0, stop_at - time.monotonic()))
        return self.killed

    def _kill_server(self) -> None:
        self.server.stop(signal.SIGKILL)
        self.server.start()

    def _kill_worker(self) -> None:
        """gunicorn starts another. If a worker has just died, there may be none to kill."""
        for worker in self.random.sample(workers := children(self.server.process.pid), min(1, len(workers))):
            kill(worker, signal.SIGKILL)

    def _kill_database(self) -> None:
        assert self.cluster is not None
        self.cluster.kill()
        time.sleep(self.random.uniform(0, 0.5))
        self.cluster.start()


def report(options: argparse.Namespace, killed: Counter[str], ledgers: list[Ledger]) -> int:
    from django.db import connection

    from tests.crash.books import Books

    connection.close()  # It may have died with PostgreSQL.
    books = Books()
    books.read()
    books.compare(ledgers)
    kills = ", ".join(f"{name} {times}" for name, times in sorted(killed.items()))
    print(f"seed {options.seed}: {killed.total()} kills survived ({kills})")  # noqa: T201
    lost = sum(ledger.lost for ledger in ledgers)
    print(f"{len(books.rows)} readings compared, {books.answered_ok} acknowledged, {lost} answers lost")  # noqa: T201
    outcomes = Counter(str(single.outcome) for ledger in ledgers for single in ledger.singles)
    print("single values:", ", ".join(f"{name} {times}" for name, times in sorted(outcomes.items())))  # noqa: T201
    if books.refused_and_stored:
        print(f"{books.refused_and_stored} answered 503 as PostgreSQL died, and stored")  # noqa: T201
    for fault in books.faults[:50]:
        print(f"FAULT: {fault}")  # noqa: T201
    return min(len(books.faults), 1)


if __name__ == "__main__":
    sys.exit(main())
