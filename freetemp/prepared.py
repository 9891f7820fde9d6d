"""Django's queries, compiled once: compiling one takes ten times as long as having SQLite answer it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import compress
from operator import ne
from typing import Any, Generic, TypeVar

from django.db import models
from django.db.models.base import ModelState
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
        self._model, self._places = query.model, range(len(self.names))
        self._converters = compiler.get_converters(columns)
        # Converters look at what kind it is. To find that of the thread takes as long as to convert a row.
        self._unopened = compiler.connection.copy()

    def made(self, row: Row) -> ModelT:
        """Return the object of a row."""
        return self._model.from_db(DEFAULT_DB_ALIAS, self.names, [*map(self._value, self._places, row)])

    def rows(self) -> list[Row]:
        """Return all rows. Raises django.db.Error."""
        return execute(self.statement, self.parameters).returned

    def renewed(self, row: Row, before: Row, made: ModelT) -> ModelT:
        """Return the object of a row, given another row and what was made of it: only what differs is converted.

        That takes a third of the time. Signals of Django's are not sent.
        """
        known = vars(made)
        values = {name: known[name] for name in self.names}
        for at in compress(self._places, map(ne, before, row)):
            values[self.names[at]] = self._value(at, row[at])
        new, state = self._model.__new__(self._model), ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        vars(new).update(values, _state=state)
        return new

    def _value(self, at: int, value: Any) -> Any:
        """Return a value of a column, by its place, as Python has it."""
        if at in self._converters:
            converts, expression = self._converters[at]
            for convert in converts:
                value = convert(value, expression, self._unopened)
        return value


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
