"""Group commit: reports that arrive together share one transaction, and thus one wait for the disk."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import cast

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from freetemp.sql import for_writing
from freetemp.sql.waits import LONGEST_S, InDoubtError, UnansweredError, at_most, hung, of_thread, waits
from readings.ingest.reports import ClockBehindError, Outcome, Receipt, Report
from readings.ingest.store_group import store_together

REPORTS_A_GROUP = 100
TRUSTED_S = 1.0  # The connection to PostgreSQL is asked whether it still lives if it was not used for so long.
LEAST_S = 2.0  # A group gets so long, though its first report has waited for another group.
# The database or the clock prevents all storing for now.
UNABLE = (OperationalError, InterfaceError, ClockBehindError)


class _Waiting:
    """A report and its thread, which waits for the outcome or for its turn to store the next group."""

    __slots__ = ("outcome", "report", "since_s", "turn")

    def __init__(self, report: Report) -> None:
        self.report, self.since_s = report, monotonic()
        self.outcome: Outcome | None = None
        self.turn = threading.Lock()
        self.turn.acquire()


class GroupCommit:
    """Stores each report that a thread submits, together with the reports of other threads.

    It has no thread of its own. The first thread stores for all that wait by then. Threads that come in the meantime
    wait, and the first of them stores the next group. So a fork needs no care, a single report waits for no other, and
    no more reports can wait than there are threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards the two below, and is never held while anything is stored
        self._waiting: deque[_Waiting] = deque()
        self._is_storing = False
        self._writer: BaseDatabaseWrapper | None = None
        self._used_s = 0.0  # when the writer was last used
        self._most = REPORTS_A_GROUP  # fewer after one that was not answered in time

    @property
    def is_busy(self) -> bool:
        """Tell whether a report is being stored or waits for it."""
        return self._is_storing

    def submit(self, report: Report) -> int | Receipt:
        """Return the report's outcome once it is durable, or raise the error that kept it from being stored.

        If the database is unable, all waiting reports fail: each would wait just as long for the same error.
        """
        mine = _Waiting(report)
        with self._lock:
            self._waiting.append(mine)
            is_first, self._is_storing = not self._is_storing, True
        if not is_first:
            mine.turn.acquire()
        if mine.outcome is None:
            self._store_next_group()
        if isinstance(mine.outcome, Exception):
            raise mine.outcome
        return cast(int | Receipt, mine.outcome)

    def _store_next_group(self) -> None:
        """Store the first waiting reports, this thread's among them, and give the turn to the next thread."""
        group = self._take(self._most)
        try:
            with self.one_connection():
                outcomes = self._stored(group)
            self._most = min(REPORTS_A_GROUP, 2 * self._most)
        except UNABLE as error:
            outcomes = [error] * len(group)
            self._most = max(1, len(group) // 4) if isinstance(error, UnansweredError) else self._most
            others = self._take(len(self._waiting))
            group += others
            outcomes += [UnansweredError(*error.args) if isinstance(error, InDoubtError) else error] * len(others)
        for each, outcome in zip(group, outcomes, strict=True):
            each.outcome = outcome
            each.turn.release()
        with self._lock:
            self._is_storing = bool(self._waiting)
            if self._waiting:
                self._waiting[0].turn.release()

    def _stored(self, group: list[_Waiting]) -> list[Outcome]:
        """Store a group. Boards wait no longer than some seconds in all, even for a standby that hangs."""
        reports = [each.report for each in group]
        if not (waits.have_an_end and of_thread.answers):
            return store_each(reports)
        hung.check()
        connections[DEFAULT_DB_ALIAS].ensure_connection()  # That has an end of its own.
        waited_s = monotonic() - group[0].since_s
        with at_most(max(LEAST_S, LONGEST_S - waited_s)):
            return store_each(reports)

    @contextmanager
    def one_connection(self) -> Iterator[None]:
        """Have this thread store on the one connection that all threads share.

        The connection's statements are prepared, and its pages are in memory as long as no other process writes. If
        sixteen connections took turns, each would prepare them and read the pages again. A thread that is already in a
        transaction stores in that transaction.
        """
        own = connections[DEFAULT_DB_ALIAS]
        if own.in_atomic_block:
            yield
            return
        if self._writer is None:
            self._writer = for_writing(own)
            self._writer.inc_thread_sharing()  # One thread stores at a time.
        elif monotonic() > self._used_s + TRUSTED_S:  # As Django does at the start of a request.
            with at_most(LEAST_S):
                self._writer.close_if_unusable_or_obsolete()
                self._writer.close_if_health_check_failed()
        connections[DEFAULT_DB_ALIAS] = self._writer
        try:
            yield
        except UNABLE:
            self._writer.close()  # It may be broken: the next group opens a new one.
            raise
        finally:
            connections[DEFAULT_DB_ALIAS] = own
            self._used_s = monotonic()

    def _take(self, most: int) -> list[_Waiting]:
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]


def store_each(reports: Sequence[Report]) -> list[Outcome]:
    """Store reports together, or one by one if one of them fails the others. Return each one's outcome."""
    try:
        return store_together(reports)
    except UNABLE:
        raise
    except Exception as error:  # noqa: BLE001 - each report gets its own error, and the others are stored
        return [error] if len(reports) == 1 else [_store_alone(each) for each in reports]


def _store_alone(report: Report) -> Outcome:
    """Return a report's own outcome. If the database becomes unable here, the reports before it stay stored."""
    try:
        return store_each([report])[0]
    except UNABLE as error:
        return error


group_commit = GroupCommit()
