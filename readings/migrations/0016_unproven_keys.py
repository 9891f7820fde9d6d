from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("readings", "0015_mqtt"),
    ]

    operations = [
        migrations.AddField(
            model_name="refusedreport",
            name="device",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="What sent it, if it was a device of another maker: a key of stations.devices.",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="refusedreport",
            name="digest",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                help_text="SHA-256 of a key that names no station, in hex: somebody may make it a station's key.",
                max_length=64,
            ),
        ),
        migrations.AlterField(
            model_name="refusedreport",
            name="part",
            field=models.CharField(
                blank=True,
                help_text="The part of the report, the number of the field, or the end of the key.",
                max_length=16,
            ),
        ),
    ]
