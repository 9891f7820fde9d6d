from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stations", "0005_zone_rules")]

    operations = [
        migrations.AddField(
            "field",
            "quantity",
            models.CharField(
                max_length=20,
                blank=True,
                default="",
                db_default="",
                help_text="A key of stations.quantities. Empty: by its name and unit.",
            ),
        ),
        migrations.AddField(
            "field",
            "rolls_over_at",
            models.FloatField(
                null=True,
                blank=True,
                help_text="The value at which a counter begins again at 0, like 6553.6. Empty: none.",
            ),
        ),
    ]
