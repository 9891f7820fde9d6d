"""Django's queries, compiled once: compiling one takes ten times as long as having SQLite answer it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connections, models
from django.db.utils import DEFAULT_DB_ALIAS

from freetemp.sql import execute

ModelT = TypeVar("ModelT", bound=models.Model)
# Stand-ins for numbers while a query is compiled. They fit into the smallest column, and no query has them itself.
_PLACES = (32_741, 32_743, 32_749)
_LARGEST = 2**31 - 1  # No number of a row is larger, and a database may refuse to compare it.


class _Compiled(NamedTuple):
    """A statement, the stand-in or the value of each parameter, and the columns by their number: name, converters."""

    statement: str
    parameters: Sequence[Any]
    names: list[str]
    converters: list[tuple[int, Callable[..., Any], Any]]


class PreparedQuery(Generic[ModelT]):
    """Rows of one model, looked up by up to three numbers. `make` gets the numbers and returns the query."""

    def __init__(self, make: Callable[..., models.QuerySet[ModelT]], numbers: int) -> None:
        self._make, self._places = make, _PLACES[:numbers]

    def first(self, *numbers: int) -> ModelT | None:
        """Return the first row, with the columns that the query names, or None. Raises django.db.Error."""
        return next(iter(self.all(*numbers)), None)

    def all(self, *numbers: int) -> list[ModelT]:
        """Return all rows, with the columns that the query names. Raises django.db.Error."""
        if max(numbers) > _LARGEST:
            return []
        found = self._compiled
        given = dict(zip(self._places, numbers, strict=True))
        rows = execute(found.statement, [given.get(each, each) for each in found.parameters]).returned
        return [self._made(list(row)) for row in rows]

    def _made(self, row: list[Any]) -> ModelT:
        for at, convert, expression in self._compiled.converters:
            row[at] = convert(row[at], expression, connections[DEFAULT_DB_ALIAS])
        return self._model.from_db(DEFAULT_DB_ALIAS, self._compiled.names, row)

    @cached_property
    def _compiled(self) -> _Compiled:
        query = self._make(*self._places)
        compiler = query.query.get_compiler(DEFAULT_DB_ALIAS)
        statement, parameters = compiler.as_sql()
        columns = [column for column, *_ in compiler.select]
        converters = compiler.get_converters(columns)
        self._model: type[ModelT] = query.model
        return _Compiled(
            statement,
            parameters,
            [column.target.attname for column in columns],
            [(at, each, column) for at, (converts, column) in converters.items() for each in converts],
        )
