from typing import Any

from django.db import migrations, models


def log_nothing(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE freetemp_sharedcount SET UNLOGGED")


class Migration(migrations.Migration):
    dependencies = [
        ("freetemp", "0001_wrong_logins"),
    ]

    operations = [
        migrations.CreateModel(
            name="SharedCount",
            fields=[
                ("digest", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("value", models.TextField()),
                ("ends_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.RunPython(log_nothing, migrations.RunPython.noop),
    ]
