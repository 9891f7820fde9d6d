"""Keeps out of memory what Django REST framework loads in case an application needs it."""

from __future__ import annotations

import sys

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
