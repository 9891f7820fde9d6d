#!/usr/bin/env bash
# Django's migrations on SQLite remove WITHOUT ROWID, triggers and hand-made indexes from a table, some steps later.
#
# One would guess: a trigger, an index or WITHOUT ROWID from a RunSQL migration stays until a migration removes it; or
#   the next step complains.
# In fact: SQLite cannot alter much. For an AddConstraint, an AlterField and an AddField with a default, Django makes a
#   new table from the model, copies the rows and drops the old table. Everything that the model does not know is gone.
#   A nullable AddField is a real ALTER TABLE and keeps it all, so the loss comes as a surprise later.
# Met by: a table of readings that is WITHOUT ROWID for its size, or guarded by a trigger, when a field is added a year
#   later.
# Seen with: Django 5.2.19, SQLite 3.40.1.
source "$(dirname "$0")/common.sh"

from_pypi django==5.2.19

cat >steps.py <<'PROGRAM'
import django
from django.conf import settings
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
django.setup()

BY_HAND = [
    "DROP TABLE weather_reading",
    "CREATE TABLE weather_reading (id bigint NOT NULL PRIMARY KEY, celsius real NOT NULL) WITHOUT ROWID",
    "CREATE TRIGGER readings_stay BEFORE DELETE ON weather_reading BEGIN SELECT RAISE(ABORT, 'no'); END",
    "CREATE INDEX frost ON weather_reading (celsius) WHERE celsius < 0",
]
plausible = models.CheckConstraint(name="plausible", condition=models.Q(celsius__gte=-90))
STEPS = {
    "AddField, null": migrations.AddField("reading", "note", models.TextField(null=True)),
    "AddField, default": migrations.AddField("reading", "quality", models.IntegerField(default=0)),
    "AddConstraint": migrations.AddConstraint("reading", plausible),
    "AlterField": migrations.AlterField("reading", "celsius", models.FloatField(null=True)),
}


def step(state, operation):
    after = state.clone()
    operation.state_forwards("weather", after)
    with connection.schema_editor() as editor:
        operation.database_forwards("weather", editor, state, after)
    return after


def what_is_there():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        found = dict(cursor.fetchall())
    kind = "WITHOUT ROWID" if "WITHOUT ROWID" in found.pop("weather_reading") else "with rowid"
    return f"{kind}, {sorted(found)}"


id_and_value = [("id", models.BigIntegerField(primary_key=True)), ("celsius", models.FloatField())]
for name, operation in STEPS.items():
    state = step(ProjectState(), migrations.CreateModel("Reading", id_and_value))
    state = step(state, migrations.RunSQL(BY_HAND))
    before = what_is_there()
    state = step(state, operation)
    print(f"{name}: {before} -> {what_is_there()}")
    step(state, migrations.DeleteModel("Reading"))
PROGRAM

prints python steps.py <<'SEEN'
AddField, null: WITHOUT ROWID, ['frost', 'readings_stay'] -> WITHOUT ROWID, ['frost', 'readings_stay']
AddField, default: WITHOUT ROWID, ['frost', 'readings_stay'] -> with rowid, []
AddConstraint: WITHOUT ROWID, ['frost', 'readings_stay'] -> with rowid, []
AlterField: WITHOUT ROWID, ['frost', 'readings_stay'] -> with rowid, []
SEEN
