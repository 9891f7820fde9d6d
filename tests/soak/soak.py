"""A soak: the server, its disk and its clock, the players, and everything that was noted about them."""

from __future__ import annotations

import argparse
import os
import re
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bootstrap.program import without_settings
from tests.crash.client import Board
from tests.crash.postgres import Cluster
from tests.crash.registry import register
from tests.server import ROOT
from tests.soak.clock import Clock
from tests.soak.disk import Disk
from tests.soak.ledger import Ledger
from tests.soak.server import Log, ServerUnderTest

_PASSWORD = re.compile(r"Administrator: admin, password: (\S+)")


class Timeline:
    """What was broken, and when, in Unix seconds of this machine."""

    def __init__(self) -> None:
        self.spans: list[list[float]] = []
        self.names: list[str] = []

    @contextmanager
    def during(self, name: str) -> Iterator[None]:
        span = [time.time(), float("inf")]
        self.spans.append(span)
        self.names.append(name)
        try:
            yield
        finally:
            span[1] = time.time()

    def names_at(self, moment_s: float, slack_s: float) -> set[str]:
        pairs = zip(self.names, self.spans, strict=True)
        return {name for name, (begin, end) in pairs if begin - 1 <= moment_s <= end + slack_s}

    def was_broken(self, since_s: float) -> bool:
        return any(end >= since_s for _, end in self.spans)


class Soak:
    """Everything that the players, the events and the comparison share."""

    def __init__(self, options: argparse.Namespace, folder: Path, disk: Disk, cluster: Cluster | None) -> None:
        self.options, self.folder, self.cluster = options, folder, cluster
        self.stopping = threading.Event()
        self.is_board_off = False  # The simulated board has no power.
        self.complaints: list[str] = []
        self.keys: list[str] = []
        self.timeline = Timeline()
        self.clock, self.disk = Clock(folder), disk
        (folder / "tmp").mkdir()
        self.environment = self._environment()
        self.ledger = Ledger(folder / "ledger.jsonl", is_unsure=cluster is not None)
        self.password = self._prepare()
        self.server = ServerUnderTest(folder / "log", self.environment | self.clock.environment)
        self.environment = self.server.environment
        self.log = Log(folder / "log")

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def var(self) -> Path:
        return self.disk.folder / "var"

    def complain(self, sentence: str) -> None:
        self.complaints.append(sentence)
        self.ledger.note("COMPLAINT", sentence)

    def _environment(self) -> dict[str, str]:
        return without_settings() | {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ENCRYPTION_KEYS": "dGhlIHRlc3RzJyBvd24ga2V5LCBwcm90ZWN0cyBubyE=",
            "VAR_DIR": str(self.var),
            "DATABASE_URL": self.cluster.url if self.cluster else f"sqlite:///{self.var}/freetemp.sqlite3",
            "DJANGO_SETTINGS_MODULE": "freetemp.settings",
            "TMPDIR": str(self.folder / "tmp"),
        }

    def _prepare(self) -> str:
        """Prepare the database as bootstrap.py does, and return the administrator's password."""
        if self.options.migrated:
            self.var.mkdir(0o700)
            shutil.copy(self.options.migrated, self.var / "freetemp.sqlite3")
        command = [sys.executable, "manage.py", "prepare"]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        found = _PASSWORD.search(done.stdout)
        assert found, done.stdout
        os.environ.update(self.environment)
        import django

        django.setup()
        return found[1]

    def register(self, count: int) -> list[Board]:
        """Register stations with fields 1 to 8, and one that is simulated."""
        from django.db import connection

        from stations.models import Station

        boards = register(count, range(2, 9))
        self.simulated = Station.objects.create(name="Simulated", simulated=True, interval_s=2).pk
        connection.close()
        self.stations = [board.station for board in boards]
        self.keys += [board.key for board in boards]
        return boards
