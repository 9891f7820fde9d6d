from django.db import migrations, models

import freetemp.fields


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0009_edition"),
    ]

    operations = [
        migrations.AddField(
            model_name="field",
            name="added_at",
            field=freetemp.fields.EpochMillisField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="field",
            name="source",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The name by which a device of another maker sends it, like tempf. Empty: boards send its number.",
                max_length=40,
            ),
        ),
        migrations.AddField(
            model_name="station",
            name="adds_fields",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="On: a quantity that its device reports and that it lacks becomes a field of it by itself.",
                verbose_name="adds fields",
            ),
        ),
        migrations.AddField(
            model_name="station",
            name="device",
            field=models.CharField(
                blank=True,
                db_default="board",
                default="board",
                help_text="What reports: a board of freetemp, or a key of stations.devices.",
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="key",
            index=models.Index(fields=["digest"], name="key_digest"),
        ),
        migrations.AddConstraint(
            model_name="field",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source", ""), _negated=True),
                fields=("station", "source"),
                name="field_source_once",
                violation_error_message="The station has a field with this source already.",
            ),
        ),
    ]
