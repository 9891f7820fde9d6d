"""Django's queries, compiled once: compiling one takes ten times as long as having SQLite answer it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Generic, TypeVar

from django.db import connections, models
from django.db.utils import DEFAULT_DB_ALIAS

from freetemp.sql import Row, execute

ModelT = TypeVar("ModelT", bound=models.Model)
# Stand-ins for numbers while a query is compiled. They fit into the smallest column, and no query has them itself.
_PLACES = (32_741, 32_743, 32_749)
_LARGEST = 2**31 - 1  # No number of a row is larger, and a database may refuse to compare it.


class Compiled(Generic[ModelT]):
    """A query of one model as SQL, and the way from its rows to objects.

    `names` are those of its columns, in their order.
    """

    def __init__(self, query: models.QuerySet[ModelT]) -> None:
        compiler = query.query.get_compiler(DEFAULT_DB_ALIAS)
        self.statement, self.parameters = compiler.as_sql()
        columns = [column for column, *_ in compiler.select]
        self.names = [column.target.attname for column in columns]
        self._model = query.model
        self._converters = [
            (at, each, column)
            for at, (converts, column) in compiler.get_converters(columns).items()
            for each in converts
        ]

    def made(self, row: Row) -> ModelT:
        """Return the object of a row."""
        values = list(row)
        for at, convert, expression in self._converters:
            values[at] = convert(values[at], expression, connections[DEFAULT_DB_ALIAS])
        return self._model.from_db(DEFAULT_DB_ALIAS, self.names, values)


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
        return [found.made(row) for row in rows]

    @cached_property
    def _compiled(self) -> Compiled[ModelT]:
        """The statement has the stand-ins among its parameters."""
        return Compiled(self._make(*self._places))
