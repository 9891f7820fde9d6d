"""Django's backend for PostgreSQL, as several nodes need it that share one, perhaps through a pooler.

Nothing is asked for in the start-up packet, where poolers refuse it. And a database that only reads for now, because it
is a standby or is about to become one, is unable like one that is away: Django has another error for it.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper, OperationalError
from django.utils.functional import cached_property
from psycopg import errors

from freetemp.clock import database_clock
from freetemp.postgresql.patience import NoAnswerError, be_patient_no_longer
from freetemp.sql import NOW_MS
from freetemp.sql.waits import LONGEST_S, InDoubtError, UnansweredError, at_most, committing, hung, of_thread, waits

LOCK_TIMEOUT = ("lock_timeout", "4s")  # As long as SQLite waits: a board waits no longer for its 503.
# The plans of a report's statements are made once, without the values, and seek by keys however small a table is.
SEEKING = (("plan_cache_mode", "force_generic_plan"), ("enable_seqscan", "off"), ("jit", "off"))
WRITES = {"INSERT", "UPDATE", "DELETE"}
waits.have_an_end = True
_UNABLE = (errors.ReadOnlySqlTransaction, errors.IdleInTransactionSessionTimeout)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's. `seeks_by_keys` is for a connection that stores reports and does nothing else."""

    seeks_by_keys = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.execute_wrappers.append(self._write_in_time)

    @cached_property
    def wrap_database_errors(self) -> DatabaseErrorWrapper:
        return _Errors(self)

    @property
    def is_of_a_pooler(self) -> bool:
        """Tell whether the address of the database says that its sessions are not ours: nothing may be set in one."""
        return self.settings_dict["OPTIONS"].get("prepare_threshold") is None

    def connect(self) -> None:
        """Connect as Django does. That has a limit of its own, or nobody could go on after a wait that was too long."""
        with at_most(LONGEST_S):
            super().connect()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        be_patient_no_longer(connection)
        return connection

    def _commit(self) -> None:
        """Commit as Django does. A thread that answers a request waits no longer than a board does."""
        if not of_thread.answers:
            super()._commit()  # type: ignore[misc]  # Django's stubs leave it out.
            return
        hung.check()
        with at_most(LONGEST_S), committing():
            super()._commit()  # type: ignore[misc]

    def _write_in_time(self, execute: Any, sql: Any, *arguments: Any) -> Any:
        """Do the same for a statement that commits by itself. This is a wrapper of Django's execute()."""
        if self.in_atomic_block or not of_thread.answers or str(sql).lstrip()[:6].upper() not in WRITES:
            return execute(sql, *arguments)
        hung.check()
        with at_most(LONGEST_S), committing():
            return execute(sql, *arguments)

    def init_connection_state(self) -> None:
        """Set what this connection needs, and hear what time it is there, with one wait for both."""
        super().init_connection_state()
        wanted = [] if self.is_of_a_pooler else [*self._lock_timeout(), *(SEEKING if self.seeks_by_keys else ())]
        calls = "".join(["set_config(%s, %s, false), "] * len(wanted))
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            cursor.execute(f"SELECT {calls}{NOW_MS}", [part for each in wanted for part in each])
            database_clock.hear(cursor.fetchone()[-1])

    def _lock_timeout(self) -> list[tuple[str, str]]:
        given = str(self.settings_dict["OPTIONS"].get("options", ""))
        return [] if LOCK_TIMEOUT[0] in given else [LOCK_TIMEOUT]


class _Errors(DatabaseErrorWrapper):
    """Django's, but it raises OperationalError where the database can store nothing for now.

    The connection is closed before the next request, which may find another server then.
    """

    wrapper: Any

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, NoAnswerError):
            self.wrapper.errors_occurred = True
            # As if it were closed in a transaction: Django would connect anew at its end, which may wait again.
            self.wrapper.closed_in_transaction = not self.wrapper.autocommit
            kind_of_ours = InDoubtError if error.is_in_doubt else UnansweredError
            raise kind_of_ours(*error.args).with_traceback(traceback) from error
        if isinstance(error, _UNABLE):
            self.wrapper.errors_occurred = True
            self.wrapper.close_at = time.monotonic()
            raise OperationalError(*error.args).with_traceback(traceback) from error
        super().__exit__(kind, error, traceback)
