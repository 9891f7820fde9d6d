"""The run on PostgreSQL leaves out the tests that use no database: the run on SQLite has them.

pytest-django blocks the database for a test that has no database fixture and no mark `django_db`. Only a program that
such a test starts could use a database. Such a test is then marked with `every_database`.
"""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import SimpleTestCase

# Fixtures of pytest-django. All its other database fixtures, and ours, depend on the first, except the second.
FIXTURES = {"django_db_setup", "live_server"}
MARKS = ("django_db", "every_database")
counts: set[int] = set()


def uses_a_database(item: pytest.Item) -> bool:
    is_of_django = issubclass(getattr(item, "cls", None) or object, SimpleTestCase)
    is_marked = any(map(item.get_closest_marker, MARKS))
    return is_of_django or is_marked or not FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    if connection.vendor == "sqlite":
        return
    left_out = [item for item in items if not uses_a_database(item)]
    items[:] = [item for item in items if uses_a_database(item)]
    config.hook.pytest_deselected(items=left_out)
    counts.add(len(left_out))
    if hasattr(config, "workeroutput"):
        config.workeroutput["left_out"] = len(left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Take the count of a worker of pytest-xdist. All workers collect the same tests."""
    counts.add(getattr(node, "workeroutput", {}).get("left_out", 0))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for count in filter(None, counts):
        terminalreporter.write_line(f"{count} tests use no database: the run on SQLite has them.")
