from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    """The rows are made by the next rebuild, which a state without them asks for."""

    dependencies = [("rollups", "0007_score_runs")]
    operations = [
        migrations.CreateModel(
            name="AccountYear",
            fields=[
                ("account_id", models.BigIntegerField()),
                ("year", models.SmallIntegerField()),
                ("measure", models.SmallIntegerField()),
                ("facts", models.IntegerField()),
                ("minor", ArrayField(models.DecimalField(decimal_places=0, max_digits=60), size=None)),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id", "year", "measure", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
            options={
                "verbose_name": "fiscal year of an account",
                "verbose_name_plural": "fiscal years of accounts",
                "indexes": [
                    models.Index(
                        fields=["year", "account_id"],
                        include=("measure", "minor"),
                        name="rollups_accountyear_by_year",
                    )
                ],
            },
        ),
        migrations.AddField(
            "state", "fiscal_start", models.PositiveSmallIntegerField(null=True, verbose_name="start month")
        ),
        migrations.AddField("state", "has_years", models.BooleanField(db_default=False, default=False)),
    ]
