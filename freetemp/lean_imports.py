"""Keeps out of memory what Django REST framework and drf-spectacular load in case an application needs it."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

# Fields of PostgreSQL, which load psycopg (9 MB), a client of HTTP (5 MB), and colours for its own pages (1 MB).
UNUSED = ("django.contrib.postgres.fields", "requests", "pygments", "markdown")


def load_rest_framework() -> None:
    """Load Django REST framework as if these were not installed. Others may import them as ever."""
    absent = [name for name in UNUSED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None: an import fails
    try:
        import rest_framework.compat  # noqa: F401
    finally:
        for name in absent:
            del sys.modules[name]


def load_api_description() -> None:
    """Load drf-spectacular without the test framework, from which it takes a class that only a description needs.

    That one brings Django's and Python's: 4 MB. Others may import it as ever.
    """
    name = "rest_framework.test"
    if name in sys.modules:
        return
    sys.modules[name] = stand_in = ModuleType(name)
    stand_in.APIRequestFactory = _request_factory  # type: ignore[attr-defined]
    try:
        import drf_spectacular.plumbing  # noqa: F401
    finally:
        del sys.modules[name]


def _request_factory(*args: Any, **options: Any) -> Any:
    from rest_framework.test import APIRequestFactory

    return APIRequestFactory(*args, **options)
