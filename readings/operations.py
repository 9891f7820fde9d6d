"""Migration operations that Django lacks."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddField, CreateModel


class CreateModelWithoutRowid(CreateModel):
    """CreateModel, on SQLite as a WITHOUT ROWID table: the primary key itself holds the rows.

    A reading takes 26 bytes instead of 47 with a rowid (docs/storage.md). Django loses this when it rebuilds a table,
    as it does for most changes of a field on SQLite. tests/readings/models/test_storage.py then fails.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.sql_create_table += " WITHOUT ROWID"
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        finally:
            schema_editor.__dict__.pop("sql_create_table", None)


class AddColumn(AddField):
    """AddField for a column with a constant `db_default`, on SQLite without making the table anew.

    So the table stays WITHOUT ROWID, and the rows of years stay where they are.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "sqlite":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        # SQLite's own editor rebuilds the table of any column that may not be null; ALTER TABLE has long taken those.
        BaseDatabaseSchemaEditor.add_field(schema_editor, model, model._meta.get_field(self.name))
