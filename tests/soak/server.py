"""The server under test, as `bootstrap.py serve` starts it, and what it logs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import bootstrap
from freetemp.listening import Address
from tests.crash.processes import children
from tests.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class ServerUnderTest(Server):
    """The command of bootstrap.py on a port of its own, with an environment of its own."""

    def __init__(self, log: Path, environment: Mapping[str, str]) -> None:
        super().__init__(log)
        self.command = [str(part) for part in bootstrap.server_command(Address("127.0.0.1", self.port))[2:]]
        self.environment = {**environment, "SERVER_URL": self.url}

    def pids(self) -> list[int]:
        """Return the processes of the server, the first one first."""
        return [self.process.pid, *self.workers()]

    def workers(self) -> list[int]:
        return children(self.process.pid)


class Log:
    """The lines that a server adds to its log, each with the moment of this machine at which it was seen."""

    def __init__(self, path: Path) -> None:
        self.path, self.at, self.rest = path, 0, ""
        self.lines: list[tuple[float, str]] = []

    def read(self) -> None:
        for line in self._new():
            self.lines.append((time.time(), line))

    def _new(self) -> Iterator[str]:
        if not self.path.exists():
            return
        with self.path.open(errors="replace") as file:
            file.seek(self.at)
            self.rest += file.read()
            self.at = file.tell()
        *whole, self.rest = self.rest.split("\n")
        yield from whole
