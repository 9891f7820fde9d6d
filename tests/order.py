"""The order of the tests: those that share a costly fixture come first, and so do long ones.

A worker of pytest-xdist takes the tests in their order, and at the end of a run another one takes over the last of
them. A module that is split this way sets up its fixtures twice: an installation, an upgrade, a server and a browser.
A long test at the very end, such as that of types, would leave the other cores idle.
"""

from __future__ import annotations

import pytest

from tests.other_database import uses_a_database

LONGEST = "tests/soak/"  # One test, which mostly waits: it comes first of all.
COSTLY = (
    *("tests/bootstrap/test_serve.py", "tests/upgrade/", "tests/test_from_admin_to_chart.py", "tests/pages/"),
    *("tests/test_style.py", "tests/test_words.py"),
)


def costly_first(items: list[pytest.Item]) -> None:
    """Sort the tests. Those that use the database stay in the order of pytest-django."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    if item.nodeid.startswith(LONGEST):
        return 0
    return 1 if item.nodeid.startswith(COSTLY) and not uses_a_database(item) else 2
