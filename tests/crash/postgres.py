"""A PostgreSQL cluster of the test's own, which can be killed and started again."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

import psycopg

from tests.crash.processes import children, kill, wait_for_end
from tests.postgresql import give_away, programs, run
from tests.programs import PATIENCE_S, ended, waited

# Killing the other tests' cluster would break their connections. -F, no fsync, is fair here: the operating system
# already has everything that a killed process has written. A power cut is another test, and needs another machine.
OPTIONS = ("-c", "listen_addresses=", "-F")


class Cluster:
    """A fresh PostgreSQL on a socket in its own folder; used with `with`."""

    def __enter__(self) -> Self:
        folder = programs()
        assert folder is not None, "There is no PostgreSQL server here: sudo apt install postgresql"
        self.programs, self.directory = folder, tempfile.mkdtemp(prefix="freetemp-crash-")
        self.owner: dict[str, Any] = give_away(self.directory)
        self.data = f"{self.directory}/data"
        self.url = f"postgresql://freetemp@/{self.directory}/postgres"
        initdb = ("-D", self.data, "-U", "freetemp", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        run(folder / "initdb", *initdb, **self.owner)
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
        shutil.rmtree(self.directory)

    def start(self) -> None:
        """Start it as a child: when killed, pg_ctl's would stay a zombie, which PostgreSQL takes for a server."""
        with Path(self.directory, "log").open("ab") as log:
            command = [self.programs / "postgres", "-D", self.data, "-k", self.directory, *OPTIONS]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **self.owner)
        deadline = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert self.process.poll() is None, Path(self.directory, "log").read_text()
            assert time.monotonic() < deadline, Path(self.directory, "log").read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        ended(self.process, signal.SIGQUIT)

    def kill(self) -> None:
        """Kill the postmaster and all its children, and wait until they are gone: they share memory."""
        self.process.send_signal(signal.SIGSTOP)  # A stopped postmaster starts no more children meanwhile.
        started = children(self.process.pid)
        for pid in (*started, self.process.pid):
            kill(pid, signal.SIGKILL)
        waited(self.process)
        wait_for_end(started, time.monotonic() + PATIENCE_S)

    def _answers(self) -> bool:
        try:
            psycopg.connect(host=self.directory, user="freetemp", dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True
