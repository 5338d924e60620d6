from django.db import migrations, models
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    dependencies = [("revenue", "0002_units_of_account")]
    operations = [
        migrations.RemoveIndex("revenueentry", "revenue_entry_by_account"),
        migrations.AddIndex(
            "revenueentry",
            models.Index(
                "account",
                "month",
                Coalesce("org_unit", 0),
                include=["org_unit", "country", "kind", "currency", "date", "amount"],
                name="revenue_entry_by_unit",
            ),
        ),
    ]
