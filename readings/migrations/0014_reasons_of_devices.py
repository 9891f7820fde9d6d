from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("readings", "0013_proposals"),
    ]

    operations = [
        migrations.AlterField(
            model_name="refusedreport",
            name="reason",
            field=models.CharField(
                choices=[
                    ("unknown_mac", "unknown MAC"),
                    ("wrong_key", "wrong key"),
                    ("inactive", "inactive station"),
                    ("credentials", "no MAC and key"),
                    ("key_alone", "unknown key"),
                    ("guessing", "too many wrong keys"),
                    ("field", "unknown field"),
                    ("malformed", "malformed report"),
                    ("rejected", "rejected reading"),
                    ("name", "unknown name"),
                    ("too_large", "report too large"),
                    ("too_often", "too often"),
                    ("method", "wrong method"),
                    ("clock", "server's clock behind"),
                    ("database", "database unable"),
                    ("various", "too many to list"),
                ],
                max_length=16,
            ),
        ),
    ]
