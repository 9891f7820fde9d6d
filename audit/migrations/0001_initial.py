import datetime

import django.utils.timezone
from django.db import migrations, models

import freetemp.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Pruning",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "until",
                    freetemp.fields.EpochMillisField(default=datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.UTC)),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", freetemp.fields.EpochMillisField(default=django.utils.timezone.now, verbose_name="when")),
                ("deed", models.CharField(max_length=80)),
                ("station", models.PositiveBigIntegerField(null=True, verbose_name="station's number")),
                ("station_name", models.CharField(blank=True, max_length=150, verbose_name="station")),
                ("what", models.CharField(blank=True, max_length=300)),
                ("details", models.TextField(blank=True)),
                ("person", models.CharField(blank=True, max_length=150)),
                ("by", models.CharField(blank=True, max_length=150)),
                ("address", models.CharField(blank=True, max_length=45, verbose_name="from")),
                ("of", models.CharField(blank=True, max_length=100)),
                ("of_number", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "verbose_name": "deed",
                "ordering": ["-pk"],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(fields=["at"], name="event_at"),
                    models.Index(fields=["station", "id"], name="event_of_station"),
                    models.Index(fields=["of", "of_number", "id"], name="event_of_object"),
                ],
            },
        ),
    ]
