from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0008_maintenance"),
    ]

    operations = [
        migrations.AddField(
            model_name="field",
            name="edition",
            field=models.BigIntegerField(db_default=0, default=0, editable=False),
        ),
    ]
