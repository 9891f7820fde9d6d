"""A cache in a table of PostgreSQL, which all nodes share. It counts wrong keys and logins, and keeps used codes.

The table is UNLOGGED: a change waits for no disk and for no standby, and a crash of the database forgets all counts.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection, transaction

MOST_ROWS = 20_000  # Some 3 MB.
PRUNED_ONCE_IN = 50  # new rows
FOR_EVER_S = 10 * 365 * 86_400

_NOW = "clock_timestamp()"
_END = f"{_NOW} + make_interval(secs => %s)"
_PUT = (
    f"INSERT INTO freetemp_sharedcount AS t (digest, value, ends_at) VALUES (%s, %s, {_END})"  # noqa: S608 - ours
    " ON CONFLICT (digest) DO UPDATE SET value = excluded.value, ends_at = excluded.ends_at"
)
# Rows that another transaction changes are left to it: two that prune at once do not wait for each other.
_PRUNE = (
    "DELETE FROM freetemp_sharedcount WHERE digest IN (SELECT digest FROM freetemp_sharedcount"  # noqa: S608 - ours
    f" WHERE ends_at <= {_NOW} OR ends_at <= (SELECT ends_at FROM freetemp_sharedcount ORDER BY ends_at DESC"
    " OFFSET %s LIMIT 1) FOR UPDATE SKIP LOCKED)"
)


class TableCache(BaseCache):
    """Django's interface to the table. A value is what JSON has, and numbers are counted by the database.

    The clock is the database's. When there are more rows than MOST_ROWS, those that end first make room.
    Raises django.db.Error.
    """

    def __init__(self, table: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        found = self._ask(
            f"SELECT value FROM freetemp_sharedcount WHERE digest = %s AND ends_at > {_NOW}",  # noqa: S608 - ours
            [self._digest(key, version)],
        )
        return default if found is None else json.loads(found)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._ask(_PUT, [self._digest(key, version), json.dumps(value), self._seconds(timeout)])

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        put = f"{_PUT} WHERE t.ends_at <= {_NOW} RETURNING 1"
        is_new = self._ask(put, [self._digest(key, version), json.dumps(value), self._seconds(timeout)]) is not None
        if is_new and not random.randrange(PRUNED_ONCE_IN):  # noqa: S311 - no secret
            self.prune()
        return is_new

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(
            self._ask(
                f"UPDATE freetemp_sharedcount SET ends_at = {_END}"  # noqa: S608 - ours
                f" WHERE digest = %s AND ends_at > {_NOW} RETURNING 1",
                [self._seconds(timeout), self._digest(key, version)],
            )
        )

    def delete(self, key: Any, version: int | None = None) -> bool:
        statement = f"DELETE FROM freetemp_sharedcount WHERE digest = %s RETURNING ends_at > {_NOW}"  # noqa: S608 - ours
        return bool(self._ask(statement, [self._digest(key, version)]))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        total = self._ask(
            "UPDATE freetemp_sharedcount SET value = (value::bigint + %s)::text"  # noqa: S608 - ours
            f" WHERE digest = %s AND ends_at > {_NOW} RETURNING value",
            [delta, self._digest(key, version)],
        )
        if total is None:
            raise ValueError(f"Key '{key}' not found")
        return int(total)

    def clear(self) -> None:
        self._ask("DELETE FROM freetemp_sharedcount", [])

    def prune(self) -> None:
        """Forget what has ended, and what ends first where there is too much."""
        self._ask(_PRUNE, [MOST_ROWS])

    def _digest(self, key: Any, version: int | None) -> str:
        full_key = self.make_and_validate_key(key, version=version)
        return blake2b(full_key.encode(), digest_size=16).hexdigest()

    def _seconds(self, timeout: Any) -> float:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return FOR_EVER_S if seconds is None else float(seconds)

    @staticmethod
    def _ask(statement: str, parameters: Sequence[Any]) -> Any:
        """Return the first column of the first row, or None. A failure leaves a transaction around it whole."""
        if connection.in_atomic_block:
            with transaction.atomic():
                return _first(statement, parameters)
        return _first(statement, parameters)


def _first(statement: str, parameters: Sequence[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone() if cursor.description else None
        return None if row is None else row[0]
