from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("revenue", "0005_presence")]
    operations = [
        migrations.RemoveIndex("revenueentry", "revenue_entry_by_country"),
        migrations.AddIndex(
            "revenueentry",
            models.Index(
                fields=["country", "month"],
                include=("account", "kind", "currency", "date", "amount"),
                name="revenue_entry_by_country",
            ),
        ),
    ]
