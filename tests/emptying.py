"""Emptying the tables after a test that commits: the events go too, which the database's triggers keep otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.operations import BaseDatabaseOperations

ON_SQLITE = ["INSERT INTO audit_pruning (until) VALUES (9e18)", "DELETE FROM audit_event"]
EVENTS, TRIGGER = "audit_event", "audit_no_truncation"


def let_events_go() -> None:
    """Have Django's `flush` empty the table of events too."""
    empty = BaseDatabaseOperations.execute_sql_flush

    def with_events(self: Any, statements: Sequence[str]) -> None:
        if not any(EVENTS in each for each in statements):
            empty(self, statements)
        elif self.connection.vendor == "sqlite":
            empty(self, [*ON_SQLITE, *statements])
        else:
            before, after = (f"ALTER TABLE {EVENTS} {what} TRIGGER {TRIGGER}" for what in ("DISABLE", "ENABLE"))
            empty(self, [before, *statements, after])

    BaseDatabaseOperations.execute_sql_flush = with_events  # type: ignore[method-assign]
