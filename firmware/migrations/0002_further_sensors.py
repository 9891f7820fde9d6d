import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("firmware", "0001_initial"),
        ("stations", "0006_quantity"),
    ]

    operations = [
        migrations.AlterField(
            model_name="equipment",
            name="battery",
            field=models.BooleanField(
                default=False,
                help_text="On: it sleeps between readings, and wakes only if its pin D0 (GPIO16) is wired to RST. In its sleep it counts neither rain nor wind.",
                verbose_name="runs on a battery",
            ),
        ),
        migrations.CreateModel(
            name="FurtherSensor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sensor", models.CharField(default="mcp9808", max_length=30)),
                (
                    "wiring",
                    models.JSONField(
                        blank=True, default=dict, help_text="What differs from the catalogue, by GPIO number."
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="further_sensors",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "verbose_name": "further sensor",
                "ordering": ["pk"],
                "default_permissions": (),
            },
        ),
    ]
