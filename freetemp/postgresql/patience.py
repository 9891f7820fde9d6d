"""Gives the waits of a connection to PostgreSQL an end, for threads that have no time."""

from __future__ import annotations

from typing import Any, cast
from weakref import ref

from psycopg import Connection, OperationalError, errors

from freetemp.sql.waits import hung, left_s, of_thread

LOOK_EVERY_S = 0.1  # for Ctrl-C, as psycopg does


class NoAnswerError(OperationalError):
    """No answer came in time, and the connection is given up. It may have been one to a commit."""

    is_in_doubt = False


def be_patient_no_longer(connection: Connection[Any]) -> None:
    """Let all waits on a connection end when the thread that waits has no time left."""
    weak = ref(connection)

    def wait(generator: Any, interval: float = LOOK_EVERY_S, timeout: float | None = None) -> Any:
        present = cast(Connection[Any], weak())  # One of its own methods asks.
        left = left_s() if timeout is None else None
        if left is None:
            return type(present).wait(present, generator, interval, timeout)
        try:
            return type(present).wait(present, generator, interval, left)
        except errors._WaitTimeout as error:
            raise _given_up(present) from error

    vars(connection)["wait"] = wait


def _given_up(connection: Connection[Any]) -> NoAnswerError:
    hung.keep(connection.pgconn.socket)
    connection.pgconn.finish()
    error = NoAnswerError("PostgreSQL has not answered in time")
    error.is_in_doubt = of_thread.commits
    return error
