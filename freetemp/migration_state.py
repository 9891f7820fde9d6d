"""The migrations that this code knows, and those of them that the database has not seen."""

from functools import lru_cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

Migrations = frozenset[tuple[str, str]]  # app and name


@lru_cache
def _on_disk() -> tuple[Migrations, Migrations]:
    """Return the migrations to apply, and those that they replace. Cached: they are some fifty modules of this code."""
    found = MigrationLoader(None).disk_migrations
    return frozenset(found), frozenset(key for migration in found.values() for key in migration.replaces)


def known_migrations() -> Migrations:
    """Return all migrations that this code knows, including replaced ones."""
    return frozenset.union(*_on_disk())


def pending_migrations() -> list[str]:
    """Return the migrations that the database has not seen."""
    applied = MigrationRecorder(connection).applied_migrations()
    return [f"{app} {name}" for app, name in sorted(_on_disk()[0] - applied.keys())]
