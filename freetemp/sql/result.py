"""The result of a statement, which may still be on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Row = tuple[Any, ...]


class Executed:
    """The result of statements: the number of changed rows, and the returned rows.

    In a pipeline, both wait until somebody asks for either. Asking may raise what the database said to this statement
    or to one before it.
    """

    __slots__ = ("_arrive", "_changed", "_returned")

    def __init__(
        self, changed: int = 0, returned: list[Row] | None = None, arrive: Callable[[], None] | None = None
    ) -> None:
        self._changed, self._returned, self._arrive = changed, returned or [], arrive

    def answer(self, changed: int, returned: list[Row]) -> None:
        """Take the answer of the database."""
        self._changed, self._returned, self._arrive = changed, returned, None

    def wait(self) -> None:
        """Wait for the answer."""
        if self._arrive:
            self._arrive()

    @property
    def changed(self) -> int:
        self.wait()
        return self._changed

    @property
    def returned(self) -> list[Row]:
        self.wait()
        return self._returned
