"""Threads that answer requests in the order in which these came."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock, Thread

from freetemp.serving.connection import Connection


class Threads:
    """Some threads, and the line before them. They end with the process.

    Of the threads that have nothing to do, the one that was busy last takes the next request: its database connection
    has the pages in memory and the statements compiled. Threads that are not needed never open one.
    """

    def __init__(self, count: int, work: Callable[[Connection], None]) -> None:
        self._line: deque[Connection] = deque()
        self._idle: list[_Worker] = []
        self._lock = Lock()
        self._work = work
        for number in range(count):
            worker = _Worker()
            self._idle.append(worker)
            Thread(target=self._run, args=[worker], name=f"request-{number}", daemon=True).start()

    def submit(self, connection: Connection) -> None:
        with self._lock:
            worker = self._idle.pop() if self._idle else None
            if worker is None:
                self._line.append(connection)
                return
        worker.connection = connection
        worker.called.release()

    def waiting(self) -> int:
        """Return about how many connections wait for a thread."""
        return len(self._line)

    def shutdown(self, wait: bool = False) -> None:
        """gunicorn calls this at the end."""

    def _run(self, worker: _Worker) -> None:
        while True:
            worker.called.acquire()
            connection: Connection | None = worker.connection
            while connection is not None:
                self._work(connection)
                connection = self._next(worker)

    def _next(self, worker: _Worker) -> Connection | None:
        """Return what has waited longest. If nothing waits, the thread is idle."""
        with self._lock:
            if self._line:
                return self._line.popleft()
            worker.connection = None
            self._idle.append(worker)
            return None


class _Worker:
    """A thread's turn: `called` is released when it has a connection to answer."""

    __slots__ = ("called", "connection")

    def __init__(self) -> None:
        self.called = Lock()
        self.connection: Connection | None = None
        self.called.acquire()
