"""What a process keeps from one request to the next, up to a number."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection
from threading import Lock
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class Kept(Generic[KeyT, ValueT]):
    """Values by keys, for all threads of a process: at most so many, and those that were used last.

    With `size`, it is the sum of the values' sizes that is at most so much. Values must not be changed once they are
    kept. Whoever gets one has to find out whether it is still right: nobody takes it out when something changes in the
    database.
    """

    def __init__(self, most: int, size: Callable[[ValueT], int] = lambda _: 1) -> None:
        self._most, self._size, self._sum = most, size, 0
        self._values: OrderedDict[KeyT, ValueT] = OrderedDict()
        self._lock = Lock()

    def get(self, key: KeyT) -> ValueT | None:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def get_each(self, keys: Collection[KeyT]) -> list[ValueT | None]:
        """Return the values of keys, in their order, by one lock for all."""
        with self._lock:
            for key in filter(self._values.__contains__, keys):
                self._values.move_to_end(key)
            return [*map(self._values.get, keys)]

    def put(self, key: KeyT, value: ValueT) -> None:
        with self._lock:
            before = self._values.pop(key, None)
            self._sum += self._size(value) - (0 if before is None else self._size(before))
            self._values[key] = value
            while self._sum > self._most:
                self._sum -= self._size(self._values.popitem(last=False)[1])

    def clear(self) -> None:
        with self._lock:
            self._values.clear()
            self._sum = 0
