"""A PostgreSQL for whose commits a standby has to answer, and that standby, which may hang."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import psycopg

from tests.crash import processes
from tests.crash.postgres import Cluster
from tests.postgresql import give_away, run
from tests.programs import comes_true, ended


class Pair(Cluster):
    """The first server; `hang()` stops the standby, and `wake()` lets it go on."""

    def __enter__(self) -> Self:
        super().__enter__()
        self.beside = tempfile.mkdtemp(prefix="freetemp-standby-")
        owner, data = give_away(self.beside), f"{self.beside}/data"
        source = ("-h", self.directory, "-U", "freetemp")
        run("pg_basebackup", *source, "-D", data, "-R", "-c", "fast", **owner)
        with Path(self.beside, "log").open("ab") as log:
            command = [self.programs / "postgres", "-D", data, "-k", self.beside, "-c", "listen_addresses=", "-F"]
            self.standby = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **owner)
        assert comes_true(lambda: self.ask("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"))
        return self

    def __exit__(self, *exc: object) -> None:
        self.wake()
        ended(self.standby, signal.SIGQUIT)
        shutil.rmtree(self.beside)
        super().__exit__(*exc)

    def wait_for_the_standby(self) -> None:
        """Let each commit wait for it from now on."""
        self.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.ask("SELECT pg_reload_conf()")
        assert comes_true(lambda: self.ask("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"))

    def hang(self) -> None:
        self._send(signal.SIGSTOP)

    def wake(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, number: int) -> None:
        for pid in (self.standby.pid, *processes.children(self.standby.pid)):
            processes.kill(pid, number)

    def ask(self, statement: str) -> int:
        with psycopg.connect(host=self.directory, user="freetemp", dbname="postgres", autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            row = cursor.fetchone() if cursor.description else None
            return int(row[0]) if row else 0
