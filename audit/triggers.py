"""Triggers that let no program change an event, or remove one that is kept, whatever its code is."""

from __future__ import annotations

from typing import Any

from django.db import connections

TABLE = "audit_event"
REFUSAL = "events are never changed, and removed only when they are older than AUDIT_DAYS"
IS_KEPT = "OLD.at >= (SELECT COALESCE(MAX(until), 0) FROM audit_pruning)"

IS_THERE = "NEW.id IN (SELECT id FROM audit_event)"  # INSERT OR REPLACE would remove a row without a DELETE.

SQLITE = [
    f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {what} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for name, what in (
        ("audit_no_change", "UPDATE ON audit_event"),
        ("audit_no_removal", f"DELETE ON audit_event WHEN {IS_KEPT}"),
        ("audit_no_replacement", f"INSERT ON audit_event WHEN {IS_THERE}"),
    )
]
POSTGRESQL = [
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$",
    # A trigger's WHEN cannot ask another table, so the function of the removal does.
    "CREATE OR REPLACE FUNCTION audit_refuse_removal() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN IF {IS_KEPT} THEN"
    f" RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END IF; RETURN OLD; END $$",
    "DROP TRIGGER IF EXISTS audit_no_change ON audit_event",
    "CREATE TRIGGER audit_no_change BEFORE UPDATE ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "DROP TRIGGER IF EXISTS audit_no_removal ON audit_event",
    "CREATE TRIGGER audit_no_removal BEFORE DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_refuse_removal()",
    # All rows at once.
    "DROP TRIGGER IF EXISTS audit_no_truncation ON audit_event",
    "CREATE TRIGGER audit_no_truncation BEFORE TRUNCATE ON audit_event"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
]


def make_triggers(using: str, **kwargs: Any) -> None:
    """Make the triggers anew after each migration: one that makes SQLite's table anew would lose them."""
    connection = connections[using]
    if {TABLE, "audit_pruning"} <= set(connection.introspection.table_names()):
        with connection.cursor() as cursor:
            for statement in SQLITE if connection.vendor == "sqlite" else POSTGRESQL:
                cursor.execute(statement)
