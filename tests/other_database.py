"""The run on PostgreSQL leaves out tests that use no database or that send it nothing new: the run on SQLite has them.

pytest-django blocks the database for a test that has no database fixture and no mark `django_db`. Only a program that
such a test starts could use a database. Such a test is then marked with `every_database`.

In some rooms, a test with parameters has its first set and its last: the others send the same statements with other
values. The mark `all_parameters` is for a test of which this is not true; `python -m tests.statements` lists those.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import connection
from django.test import SimpleTestCase

# Fixtures of pytest-django. All its other database fixtures, and ours, depend on the first, except the second.
FIXTURES = {"django_db_setup", "live_server"}
MARKS = ("django_db", "every_database")
# Here, parameters are zones, lengths of time, units, addresses of pages, roles, troubles, makers' formats, what forms
# refuse.
ROOMS_OF_VALUES = (
    *(f"tests/readings/{room}/" for room in ("admin", "almanac", "api", "charts", "compare", "display")),
    *(f"tests/readings/{room}/" for room in ("exports", "files", "foreign", "history", "imports", "metrics", "pages")),
    "tests/readings/treatment/",
    *("tests/firmware/", "tests/freetemp/http/", "tests/freetemp/overview/", "tests/stations/"),
    *("tests/accounts/", "tests/alerts/", "tests/outages/", "tests/roles/", "tests/uploads/"),
)
counts: set[int] = set()


def uses_a_database(item: pytest.Item) -> bool:
    is_of_django = issubclass(getattr(item, "cls", None) or object, SimpleTestCase)
    is_marked = any(map(item.get_closest_marker, MARKS))
    return is_of_django or is_marked or not FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


def ends_of_parameters(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return the tests without the sets of parameters between the first and the last of each test."""
    of_each: dict[str, list[pytest.Item]] = {}
    for item in items:
        of_each.setdefault(_alike(item), []).append(item)
    ends = {end for sets in of_each.values() for end in (sets[0], sets[-1])}
    return [item for item in items if item in ends]


def _alike(item: pytest.Item) -> str:
    """Return a name that a test has in common with those that send the same statements."""
    is_alone = not item.nodeid.startswith(ROOMS_OF_VALUES) or item.get_closest_marker("all_parameters")
    return item.nodeid if is_alone else item.nodeid.partition("[")[0]


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    if connection.vendor == "sqlite":
        return
    every = items[:]
    items[:] = ends_of_parameters([item for item in every if uses_a_database(item)])
    kept = set(items)
    left_out = [item for item in every if item not in kept]
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
        reason = "use no database, or differ from others by parameters alone: the run on SQLite has them."
        terminalreporter.write_line(f"{count} tests {reason}")
