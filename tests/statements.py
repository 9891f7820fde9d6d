"""Lists the tests whose parameters make other statements: `python -m tests.statements [pytest arguments]`.

In some rooms, a test with parameters has its first set and its last on PostgreSQL (tests/other_database.py). A test is
listed if the sets between send the database a statement that nothing else sends among the tests that this runs, on
SQLite. In those rooms it wants the mark `all_parameters`. What programs send that a test starts is not seen.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Generator
from typing import Any

import pytest

# Values, lists of values and names of savepoints differ from one time to the next.
ALIKE = [
    (re.compile(r"'[^']*'|\b\d+(\.\d+)?\b"), "%s"),
    (re.compile(r'"s\d+_x\d+"'), "%s"),
    (re.compile(r"(\(\s*(%s|NULL)(,\s*(%s|NULL))*\s*\)[,\s]*)+"), "(%s)"),
]


def without_values(sql: str) -> str:
    for pattern, one in ALIKE:
        sql = pattern.sub(one, sql)
    return sql


class Statements:
    """A plugin that keeps what each test sends, its fixtures included."""

    def __init__(self) -> None:
        self.of_tests: dict[str, set[str]] = {}
        self.has_all: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        from django.db import connection

        sent = self.of_tests[item.nodeid] = set()
        if item.get_closest_marker("all_parameters"):
            self.has_all.add(item.nodeid)

        def keep(execute: Any, sql: Any, *args: Any) -> Any:
            sent.add(without_values(str(sql)))
            return execute(sql, *args)

        with connection.execute_wrapper(keep):
            return (yield)

    def lost(self) -> dict[str, set[str]]:
        """Return the statements that the sets between first and last alone send, by the names of tests."""
        sets: dict[str, list[str]] = {}
        for node in self.of_tests:
            sets.setdefault(node if node in self.has_all else node.partition("[")[0], []).append(node)
        kept = {node for nodes in sets.values() for node in (nodes[0], nodes[-1])}
        sent = set().union(*(self.of_tests[node] for node in kept))
        between = {name: set().union(*(self.of_tests[node] for node in nodes[1:-1])) for name, nodes in sets.items()}
        return {name: more - sent for name, more in between.items() if more - sent}


def main() -> int:
    statements = Statements()
    code = pytest.main(["-q", "-m", "not browser and not sqlite_only", *sys.argv[1:]], plugins=[statements])
    for name, lost in statements.lost().items():
        print(name, *(f"    {sql[:200]}" for sql in sorted(lost)), sep="\n")  # noqa: T201
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
