from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("coverage", "0003_hand_overs"),
    ]

    operations = [
        migrations.CreateModel(
            name="AlignmentScore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField(verbose_name="on")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                ("definition", models.PositiveSmallIntegerField(verbose_name="definition")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("score", models.DecimalField(decimal_places=12, max_digits=13, null=True, verbose_name="score")),
                ("known_weight", models.DecimalField(decimal_places=12, max_digits=13, verbose_name="known weight")),
                (
                    "mirror_ratio",
                    models.DecimalField(decimal_places=12, max_digits=13, null=True, verbose_name="mirror ratio"),
                ),
                (
                    "level_parity",
                    models.DecimalField(decimal_places=12, max_digits=13, null=True, verbose_name="level parity"),
                ),
                ("gap", models.DecimalField(decimal_places=4, max_digits=40, verbose_name="gap in money")),
                ("filled", models.DecimalField(decimal_places=8, max_digits=60)),
                ("known", models.DecimalField(decimal_places=8, max_digits=60)),
                ("total", models.DecimalField(decimal_places=8, max_digits=60)),
                ("slots", models.PositiveIntegerField(verbose_name="slots")),
                ("empty", models.PositiveIntegerField(verbose_name="empty slots")),
                ("unknown", models.PositiveIntegerField(verbose_name="unknown slots")),
                ("account_id", models.BigIntegerField(verbose_name="account")),
            ],
            options={
                "verbose_name": "alignment score",
                "verbose_name_plural": "alignment scores",
                "indexes": [models.Index(fields=["on", "country"], name="coverage_alignmentscore_on")],
                "constraints": [
                    models.UniqueConstraint(fields=("account_id", "on", "country"), name="coverage_alignmentscore_key"),
                    models.CheckConstraint(
                        condition=models.Q(("score__isnull", True), ("score__range", (0, 1)), _connector="OR"),
                        name="coverage_alignmentscore_share",
                    ),
                ],
            },
        ),
    ]
