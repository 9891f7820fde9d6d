"""Group commit: reports that arrive together share one transaction, and so one wait for the disk."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError

from readings.group import store_group
from readings.reports import ClockBehindError, Outcome, Receipt, Report

REPORTS_A_GROUP = 100
# The database, or the clock, takes nothing from anybody now.
UNABLE = (OperationalError, InterfaceError, ClockBehindError)


@dataclass(slots=True, eq=False)
class _Waiting:
    report: Report
    outcome: Outcome | None = None


class GroupCommit:
    """Stores each report that a thread submits, together with those that other threads submit meanwhile.

    No thread of its own: whoever comes first stores for all who wait by then, on its own database connection. Those
    who come while it is at it wait for it, and one of them stores the next group. So a fork needs no care, one report
    alone waits for nobody, and no more reports can wait than there are threads.
    """

    def __init__(self) -> None:
        self._waiting: deque[_Waiting] = deque()
        self._storing = threading.Lock()

    def submit(self, report: Report) -> int | Receipt:
        """Return the report's outcome once it is durable, or raise why it is not stored.

        Where the database is unable it fails all who wait: each would wait as long to be told the same.
        """
        mine = _Waiting(report)
        self._waiting.append(mine)
        with self._storing:
            while mine.outcome is None:
                self._store_next_group()
        if isinstance(mine.outcome, Exception):
            raise mine.outcome
        return mine.outcome

    def _store_next_group(self) -> None:
        group = [self._waiting.popleft() for _ in range(min(len(self._waiting), REPORTS_A_GROUP))]
        try:
            outcomes = store_group([each.report for each in group])
        except UNABLE as error:
            group += [self._waiting.popleft() for _ in range(len(self._waiting))]
            outcomes = [error] * len(group)
        except Exception:  # noqa: BLE001 - whose ever it is, each hears of his own
            outcomes = [_store_alone(each.report) for each in group]
        for each, outcome in zip(group, outcomes, strict=True):
            each.outcome = outcome


def _store_alone(report: Report) -> Outcome:
    """Store a report whose group failed for a reason that is one report's own, so that its neighbours are stored."""
    try:
        return store_group([report])[0]
    except Exception as error:  # noqa: BLE001 - its thread raises it
        return error


group_commit = GroupCommit()
