from django.db import migrations, models

from readings.operations import AddColumn


class Migration(migrations.Migration):
    dependencies = [("readings", "0007_rejected_readings")]

    operations = [
        AddColumn(
            "boot",
            "rejected",
            models.TextField(db_default="", help_text="The seqs that the last report had rejected, with spaces."),
        ),
    ]
