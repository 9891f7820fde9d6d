import django.db.models.deletion
from django.db import migrations, models

import freetemp.fields
from readings.operations import CreateModelWithoutRowid


class Migration(migrations.Migration):
    dependencies = [("readings", "0009_corrections")]

    operations = [
        CreateModelWithoutRowid(
            name="DirectionQuarter",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "station", "field", "start", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stations.station",
                    ),
                ),
                ("field", models.PositiveSmallIntegerField()),
                ("start", freetemp.fields.EpochMillisField()),
                ("count", models.PositiveIntegerField()),
                ("east", models.FloatField()),
                ("north", models.FloatField()),
            ],
            options={"abstract": False},
        ),
        CreateModelWithoutRowid(
            name="DirectionDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "station", "field", "start", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stations.station",
                    ),
                ),
                ("field", models.PositiveSmallIntegerField()),
                ("start", freetemp.fields.EpochMillisField()),
                ("count", models.PositiveIntegerField(help_text="Quarters of an hour with a direction.")),
                ("east", models.FloatField()),
                ("north", models.FloatField()),
                ("count_with_speed", models.PositiveIntegerField(help_text="Those that have a wind speed too.")),
                ("speed", models.FloatField()),
                ("speed_east", models.FloatField()),
                ("speed_north", models.FloatField()),
            ],
            options={"abstract": False},
        ),
    ]
