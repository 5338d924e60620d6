import csv
from pathlib import Path

from django.conf import settings
from django.db import migrations

CURRENCIES = Path(__file__).resolve().parent.parent / "data" / "iso4217.csv"


def seed(apps, schema_editor):
    currency = apps.get_model("money", "Currency")
    with CURRENCIES.open(encoding="utf-8", newline="") as file:
        rows = [
            currency(
                code=row["code"],
                name=row["name"],
                exponent=int(row["exponent"]),
                is_historic=row["is_historic"] == "1",
            )
            for row in csv.DictReader(file)
        ]
    currency.objects.bulk_create(rows)
    apps.get_model("money", "FiscalCalendar").objects.create(
        code="default", name="Fiscal year", start_month=settings.GAM_FISCAL_YEAR_START
    )


class Migration(migrations.Migration):
    dependencies = [("money", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
