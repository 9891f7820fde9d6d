"""Threads that answer requests in the order in which these came."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread

from freetemp.serving.connection import Connection


class Threads:
    """Some threads, and the line before them. They end with the process."""

    def __init__(self, count: int, work: Callable[[Connection], None]) -> None:
        self._line: SimpleQueue[Connection] = SimpleQueue()
        self._work = work
        for number in range(count):
            Thread(target=self._run, name=f"request-{number}", daemon=True).start()

    def submit(self, connection: Connection) -> None:
        self._line.put(connection)

    def waiting(self) -> int:
        """Return about how many connections wait for a thread."""
        return self._line.qsize()

    def shutdown(self, wait: bool = False) -> None:
        """gunicorn calls this at the end."""

    def _run(self) -> None:
        while True:
            self._work(self._line.get())
