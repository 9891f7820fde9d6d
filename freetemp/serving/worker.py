"""gunicorn's worker for freetemp: its loop reads, its threads only answer, and boards have threads of their own."""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import socket
import time
from collections import deque
from collections.abc import Iterable
from importlib import import_module
from queue import SimpleQueue
from typing import Any

from django.conf import settings
from gunicorn import http, util
from gunicorn.http.errors import LimitRequestHeaders, NoMoreData

from freetemp.serving import duties
from freetemp.serving.allocation import collect_early, keep_few_pages
from freetemp.serving.arrival import Arrival, State
from freetemp.serving.connection import Connection
from freetemp.serving.handover import Handover
from freetemp.serving.limits import most_connections
from freetemp.serving.threads import Threads
from freetemp.serving.waits import Waits

# Of the processes that answer people. Where both kinds share a core, a board's answer waits several times for the core:
# with 5 it takes twice as long as alone, with 15 hardly longer (benchmarks/README.md).
NICENESS = 15
# Each thread has a connection to the database with a cache of its own. Of people's requests, four downloads wait for
# their readers at most, and all others for the processor.
THREADS_FOR_PEOPLE = 8
ACCEPT_AT_ONCE = 16
BUSY = (503, "Service Unavailable", "too many others are waiting: try again in a minute")
NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
GONE = {errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN, errno.ECONNABORTED}


class BoardsFirst(Waits):
    """A worker that no slow client can stop, of one of two kinds.

    Its loop reads without waiting. A request goes to a thread when it is in memory as a whole, and what a client does
    not take of its answer comes back to the loop. So no thread waits for a client, except for the reader of a long
    download. Every wait of the loop has an end, and if there are too many connections, the longest wait ends now.

    One kind accepts connections and answers boards. It hands people's connections over to the other kind, so that
    boards share no thread, no interpreter's lock and no line with them.
    """

    sockets: list[Any]
    worker_connections: int
    handover: Handover | None = None  # The same for all workers.
    is_for_people = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answered: SimpleQueue[tuple[Connection, bool]] = SimpleQueue()  # Nothing about them is urgent.
        self.leaving: deque[Connection] = deque()  # They wait to be handed over.

    def take_part(self, workers: Iterable[BoardsFirst], count: int) -> None:
        """Become of the kind that is rarer among the other workers. A worker that is alone answers everybody."""
        if count > 1:
            BoardsFirst.handover = self.handover or Handover()
            kinds = [worker.is_for_people for worker in workers]
            self.is_for_people = kinds.count(True) < kinds.count(False)

    def init_process(self) -> None:
        self.worker_connections = min(self.worker_connections, most_connections(self.cfg.threads))
        if self.is_for_people and self.handover:
            with contextlib.suppress(OSError):  # A sandbox may forbid it.
                os.nice(NICENESS)
            for listener in self.sockets:
                listener.close()
            self.sockets = [self.handover.taking]
        duties.only_boards = self.handover is not None and not self.is_for_people
        super().init_process()

    def load_wsgi(self) -> None:
        super().load_wsgi()
        if self.is_for_people:
            keep_few_pages()
            import_module(settings.ROOT_URLCONF)  # The first page would load it, and all views with it.
        collect_early()

    def get_thread_pool(self) -> Threads:
        from freetemp.http.board_requests import is_boards  # These need Django's settings.
        from freetemp.http.bodies import most_bytes_of

        self.is_boards, self.most_bytes = is_boards, most_bytes_of
        return Threads(self._threads(), self.serve)

    def _threads(self) -> int:
        threads: int = self.cfg.threads
        return min(threads, THREADS_FOR_PEOPLE) if self.is_for_people else threads

    # The loop: each connection waits for its client, with `next` as what to do then

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        while not self.answered.empty():
            self.finish_request(*self.answered.get())
            timeout = 0  # A worker that stops may have nothing else to wait for.
        super().wait_for_and_dispatch_events(timeout)

    def set_accept_enabled(self, enabled: bool) -> None:
        if enabled or self.alive or not self.is_for_people:  # A stopping worker takes what others have handed over.
            super().set_accept_enabled(enabled)

    def accept(self, listener: Any) -> None:
        for _ in range(ACCEPT_AT_ONCE):
            try:
                connection = self.take(listener)
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in NO_ROOM:
                    raise
                if not self.make_room():
                    time.sleep(0.01)  # Threads have all of it. They need this one's time more.
                return
            if connection:
                self.nr_conns += 1
                self.guard(self.advance if connection.arrival.data else self.receive, connection)
            if self.nr_conns >= self.worker_connections:
                self.make_room()

    def take(self, listener: Any) -> Connection | None:
        if self.handover and listener is self.handover.taking:
            return self.handover.take(self.limits, self.most_bytes)
        raw, client = listener.accept()
        raw.setblocking(False)
        return Connection(raw, client, listener.getsockname(), self.limits, self.most_bytes)

    def receive(self, connection: Connection) -> None:
        now = time.monotonic()
        try:
            is_open = connection.receive(now)
        except BlockingIOError:
            self.wait(connection, selectors.EVENT_READ, self.receive, now + self.limits.still_s)
            return
        if not is_open and not connection.arrival.data:
            self.close(connection)
        elif not is_open:
            self.enqueue_req(connection)
        elif self.hold(connection, len(connection.arrival.data)):
            self.advance(connection)

    def advance(self, connection: Connection) -> None:
        arrival = connection.arrival
        connection.state = arrival.state()
        if self.is_of_people(arrival):
            self.leave(connection)
        elif connection.state is not State.ARRIVING:
            self.enqueue_req(connection)
        else:
            if arrival.expects_continue:
                arrival.expects_continue = False
                connection.answer.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                connection.answer.flush()
            self.wait(connection, selectors.EVENT_READ, self.receive, connection.pace.ends_at())

    def is_of_people(self, arrival: Arrival) -> bool:
        """Tell whether another process shall answer it."""
        if self.handover is None or self.is_for_people or not self.alive or arrival.is_boards:
            return False
        target = arrival.target()
        arrival.is_boards = bool(target) and self.is_boards(target)
        return bool(target) and not arrival.is_boards

    def leave(self, connection: Connection) -> None:
        """Hand a connection over, after those that wait for that already."""
        self.stop_waiting(connection)
        if len(self.leaving) >= self.limits.waiting_for_people:
            self.refuse(connection, *BUSY)
            return
        self.leaving.append(connection)
        if len(self.leaving) == 1 and not self.hand_over() and self.handover:
            self.poller.register(self.handover.giving, selectors.EVENT_WRITE, self.hand_over_more)

    def hand_over(self) -> bool:
        """Hand over what the channel takes, and return whether that is all."""
        while self.leaving and self.handover:
            try:
                if not self.handover.give(self.leaving[0]):
                    return False
            except OSError:
                self.log.exception("Error handing a connection over")
            self.close(self.leaving.popleft())  # The other process has it open.
        return True

    def hand_over_more(self, channel: socket.socket) -> None:
        if self.hand_over():
            self.poller.unregister(channel)

    def enqueue_req(self, connection: Connection) -> None:
        self.stop_waiting(connection)
        if self.is_for_people and self.tpool.waiting() >= self.limits.waiting_for_people:
            self.refuse(connection, *BUSY)
        else:
            self.tpool.submit(connection)

    def finish_request(self, connection: Connection, keeps: bool) -> None:
        self.hold(connection, 0)
        connection.keeps = keeps
        self.guard(self.send, connection)

    def send(self, connection: Connection) -> None:
        answer = connection.answer
        answer.flush()
        if answer.pace:
            self.wait(connection, selectors.EVENT_WRITE, self.send, answer.pace.ends_at())
            self.hold(connection, len(answer.unsent))
        elif connection.keeps:
            self.expect_another(connection)
        else:
            self.hold(connection, 0)
            with contextlib.suppress(OSError):
                connection.raw.shutdown(socket.SHUT_WR)
            connection.expires_at = time.monotonic() + self.limits.linger_s
            self.linger(connection)

    def expect_another(self, connection: Connection) -> None:
        now = time.monotonic()
        connection.keeps = False
        connection.expect(connection.rest, now)
        self.stop_waiting(connection)
        if connection.arrival.data:
            self.hold(connection, len(connection.arrival.data))
            self.advance(connection)
        else:
            self.hold(connection, 0)
            self.wait(connection, selectors.EVENT_READ, self.receive, now + self.cfg.keepalive)

    def linger(self, connection: Connection) -> None:
        """Take what a client still sends after its last answer. Without that, the kernel would take the answer back."""
        try:
            if not connection.raw.recv(65_536):
                self.close(connection)
                return
        except BlockingIOError:
            pass
        self.wait(connection, selectors.EVENT_READ, self.linger, connection.expires_at)

    def refuse(self, connection: Connection, status: int, reason: str, line: str) -> None:
        """Answer for the application."""
        connection.keeps = False
        util.write_error(connection.answer, status, reason, line)
        self.send(connection)

    # The threads

    def serve(self, connection: Connection) -> None:
        """Answer one request, in a thread. Whatever happens, the thread goes on, and the loop has the connection."""
        keeps = False
        try:
            keeps = self.handle(connection)
            connection.answer.flush()
            if not keeps and not connection.answer.unsent:
                connection.raw.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # The loop will meet it again.
        except Exception:
            self.log.exception("Error in a thread")
        if keeps or connection.answer.unsent or not self.alive or not self._accepting:
            self.method_queue.defer(self.finish_request, connection, keeps)
        else:  # The client has everything, and the loop need not be woken for it.
            self.answered.put((connection, keeps))

    def handle(self, connection: Connection) -> bool:
        """Have gunicorn parse a request and answer it. Return whether another may follow."""
        request = None
        try:
            _check(connection.state)
            pieces = connection.arrival.pieces()
            parser = http.get_parser(self.cfg, pieces, connection.client)
            request = next(parser)
            request._expected_100_continue = False  # The loop has said it, or the body came without.
            if connection.state is State.BODY_REFUSED:
                request.force_close()
            if self.handle_request(request, connection) and parser.finish_body():
                connection.rest = b"".join([parser.unreader.take_buffered(), *pieces])
                return True
        except (NoMoreData, StopIteration, TimeoutError) as error:
            self.log.debug("Closing connection. %s", error)
        except OSError as error:
            if error.errno not in GONE:
                self.log.exception("Socket error processing request.")
        except (Exception, SystemExit) as error:  # noqa: BLE001 - as gunicorn's own workers do
            self.handle_error(request, connection.answer, connection.client, error)
        return False


def _check(state: State) -> None:
    if state is State.HEAD_TOO_LARGE:
        raise LimitRequestHeaders("max buffer headers")
