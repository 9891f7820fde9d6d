from django.db import migrations, models

import freetemp.fields


class Migration(migrations.Migration):
    dependencies = [
        ("readings", "0003_fill_rollups"),
    ]

    operations = [
        migrations.CreateModel(
            name="RefusedReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("unknown_mac", "unknown MAC"),
                            ("wrong_key", "wrong key"),
                            ("inactive", "inactive station"),
                            ("credentials", "no MAC and key"),
                            ("guessing", "too many wrong keys"),
                            ("field", "unknown field"),
                            ("malformed", "malformed report"),
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
                ("mac", models.CharField(blank=True, max_length=17, verbose_name="MAC address")),
                (
                    "network",
                    models.CharField(
                        blank=True,
                        help_text="An IPv4 address, or the /64 of IPv6.",
                        max_length=43,
                        verbose_name="from",
                    ),
                ),
                (
                    "part",
                    models.CharField(
                        blank=True, help_text="The part of the report, or the number of the field.", max_length=16
                    ),
                ),
                ("count", models.PositiveBigIntegerField(verbose_name="times")),
                ("first_at", freetemp.fields.EpochMillisField(verbose_name="first")),
                ("last_at", freetemp.fields.EpochMillisField(db_index=True, verbose_name="last")),
                ("answer", models.CharField(blank=True, help_text="What the board was told.", max_length=120)),
                (
                    "example",
                    models.CharField(
                        blank=True, help_text="Keys are masked.", max_length=300, verbose_name="newest example"
                    ),
                ),
            ],
            options={
                "verbose_name": "refused report",
                "ordering": ["-last_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reason", "mac", "network", "part"), name="refused_report_counted_once"
                    )
                ],
            },
        ),
    ]
