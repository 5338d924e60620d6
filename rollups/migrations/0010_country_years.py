from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    """The rows are made by the next rebuild, which a state without them asks for."""

    dependencies = [("rollups", "0009_forecast_snapshots")]
    operations = [
        migrations.CreateModel(
            name="AccountCountryYear",
            fields=[
                ("account_id", models.BigIntegerField()),
                ("country", models.CharField(max_length=2)),
                ("year", models.SmallIntegerField()),
                ("measure", models.SmallIntegerField()),
                ("facts", models.IntegerField()),
                ("minor", ArrayField(models.DecimalField(decimal_places=0, max_digits=60), size=None)),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id",
                        "year",
                        "country",
                        "measure",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ],
            options={
                "verbose_name": "fiscal year of an account in a country",
                "verbose_name_plural": "fiscal years of accounts in countries",
                "indexes": [
                    models.Index(
                        fields=["year", "country", "measure"],
                        include=("account_id", "minor"),
                        name="rollups_countryyear_by_country",
                    )
                ],
            },
        ),
        migrations.RunSQL("UPDATE rollups_state SET has_years = false", migrations.RunSQL.noop),
    ]
