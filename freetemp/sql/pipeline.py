"""PostgreSQL's pipeline: statements are sent together, and their answers come together.

Each wait for an answer costs two changes of process, which is more than most statements of a report cost. libpq's
pipeline is used directly: psycopg's sends every statement by itself, and takes several times as long in Python.
Statements are prepared the second time that they are sent, unless the address of the database says
`prepare_threshold=None`, as some poolers need it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.db import InterfaceError, OperationalError
from psycopg import Connection, generators, pq
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq.abc import PGresult
from psycopg.waiting import Ready, Wait

from freetemp.sql.parameters import Bound, bound
from freetemp.sql.result import Executed
from freetemp.sql.waits import committing

MOST_PREPARED = 100  # in a connection

_BEGIN, _COMMIT = b"BEGIN", b"COMMIT"
_LOCK_TIMEOUT = b"SET LOCAL lock_timeout = '4s'"  # where a pooler has the session, in which nothing may be set
_IDLE, _IN_ERROR = pq.TransactionStatus.IDLE, pq.TransactionStatus.INERROR
_ANSWERS = frozenset({pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK})

Key = tuple[bytes, tuple[int, ...]]  # a statement and the types of its parameters


class _Statement(NamedTuple):
    """A statement that waits to be sent, and the place of its answer."""

    text: bytes
    parameters: Bound
    result: Executed


class Pipeline:
    """The statements of one thread that wait to be sent on one of Django's connections to PostgreSQL."""

    def __init__(self, db: Any) -> None:
        self.db = db
        self._waiting: list[_Statement] = []

    def add(self, statement: str, parameters: Sequence[Any]) -> Executed:
        """Have a statement sent at the latest when somebody asks for its result, or for that of a later one."""
        result = Executed(arrive=self.send)
        self._waiting.append(_Statement(_numbered(statement), bound(parameters), result))
        return result

    def forget(self) -> None:
        """Forget what was not sent: its transaction has failed."""
        self._waiting = []

    def send(self) -> None:
        """Send what waits, and give each statement its answer. Raises django.db.Error."""
        if self._waiting:
            self._exchange()

    def commit(self) -> None:
        """Send what waits, and with it the commit of Django's outermost transaction. Raises django.db.Error.

        It is durable when this returns.
        """
        if self._waiting or self.db.connection.pgconn.transaction_status != _IDLE:
            self._waiting.append(_Statement(_COMMIT, bound([]), Executed()))
            with committing():
                self._exchange()

    def before_django(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Send what waits before a statement of Django's own. This is for its execute_wrapper()."""
        self.send()
        return execute(*arguments)

    def _exchange(self) -> None:
        statements, self._waiting = self._waiting, []
        self.db.ensure_connection()
        connection = self.db.connection
        if not connection.autocommit and connection.pgconn.transaction_status == _IDLE:
            # As psycopg does before the first statement of a transaction.
            first = [_BEGIN] if connection.prepare_threshold is not None else [_BEGIN, _LOCK_TIMEOUT]
            statements[:0] = [_Statement(each, bound([]), Executed()) for each in first]
        with self.db.wrap_database_errors:
            _session(connection).exchange(statements)


class _Session:
    """What a connection has prepared."""

    def __init__(self, connection: Connection[Any]) -> None:
        self.pgconn = connection.pgconn
        self.may_prepare = connection.prepare_threshold is not None
        self.names: dict[Key, bytes] = {}
        self.seen: set[Key] = set()
        self.transformer = Transformer(connection)
        self.wait = connection.wait

    def exchange(self, statements: list[_Statement]) -> None:
        """Send statements, wait for the answers, and raise the first error among them: no later one was executed."""
        new = self._worth_preparing(statements)
        expected = len(new) + len(statements) + 1
        self.pgconn.enter_pipeline_mode()
        try:
            answers = self.wait(_answers(self.pgconn, partial(self._send, statements, new), expected))
        except BaseException:
            self.pgconn.finish()  # Answers may still come: nobody may take them for others.
            raise
        self.pgconn.exit_pipeline_mode()
        for key, answer in zip(new, answers[: len(new)], strict=True):
            self._check(answer)
            self.names[key] = new[key]
        for each, answer in zip(statements, answers[len(new) : -1], strict=True):
            self._check(answer)
            self.transformer.set_pgresult(answer)
            rows = self.transformer.load_rows(0, answer.ntuples, tuple) if answer.ntuples else []
            if each.text == _COMMIT and answer.command_status != _COMMIT:  # A statement before had failed.
                raise OperationalError("PostgreSQL has rolled the transaction back")
            each.result.answer(len(rows) or answer.command_tuples or 0, rows)

    def _worth_preparing(self, statements: list[_Statement]) -> dict[Key, bytes]:
        """Return names for statements that have been sent before, and are not prepared.

        A transaction that has failed takes none, and the way back to its savepoint is among the statements.
        """
        new: dict[Key, bytes] = {}
        has_failed = self.pgconn.transaction_status == _IN_ERROR
        for each in statements if self.may_prepare and not has_failed else []:
            key = (each.text, each.parameters.types)
            if key in self.names:
                continue
            if key in self.seen and len(self.names) + len(new) < MOST_PREPARED:
                new.setdefault(key, b"freetemp_%d" % (len(self.names) + len(new)))
            elif len(self.seen) < 10 * MOST_PREPARED:
                self.seen.add(key)
        return new

    def _send(self, statements: list[_Statement], new: dict[Key, bytes]) -> None:
        for (text, types), name in new.items():
            self.pgconn.send_prepare(name, text, param_types=types)
        for text, (types, values, formats), _ in statements:
            known = self.names.get((text, types)) or new.get((text, types))
            if known:
                self.pgconn.send_query_prepared(known, values, param_formats=formats, result_format=pq.Format.BINARY)
            else:
                self.pgconn.send_query_params(
                    text, values, param_types=types, param_formats=formats, result_format=pq.Format.BINARY
                )
        self.pgconn.pipeline_sync()

    @staticmethod
    def _check(answer: PGresult) -> None:
        if answer.status == pq.ExecStatus.FATAL_ERROR:
            raise error_from_result(answer, encoding="utf-8")
        if answer.status not in _ANSWERS:
            raise InterfaceError(f"PostgreSQL answered {pq.ExecStatus(answer.status).name}")


_sessions: WeakKeyDictionary[Connection[Any], _Session] = WeakKeyDictionary()


def _session(connection: Connection[Any]) -> _Session:
    session = _sessions.get(connection)
    if session is None:
        session = _sessions[connection] = _Session(connection)
    return session


def _answers(pgconn: pq.abc.PGconn, send: Callable[[], None], expected: int) -> PQGen[list[PGresult]]:
    """Send, and return the answer to each command, the last one to the end of the pipeline.

    All of it has to be sent before somebody waits for an answer: PostgreSQL waits for the rest of a long statement.
    Meanwhile it may answer, and goes on only once its answers are read.
    """
    send()
    while pgconn.flush():
        if (yield Wait.RW) & Ready.R:
            pgconn.consume_input()
    answers: list[list[PGresult]] = []
    while len(answers) < expected:
        answers.append((yield from generators.fetch_many(pgconn)))
    return [answer for (answer,) in answers]


@lru_cache(maxsize=512)
def _numbered(statement: str) -> bytes:
    """Return a statement with $1, $2 and so on in place of %s."""
    first, *others = statement.split("%s")
    text = first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))
    return text.replace("%%", "%").encode()
