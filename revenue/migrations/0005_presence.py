from django.db import migrations

from accounts.presence import kept, kept_no_more


class Migration(migrations.Migration):
    dependencies = [("revenue", "0004_deleted_entries"), ("accounts", "0008_presence")]
    operations = [migrations.RunSQL(kept("revenue_revenueentry"), kept_no_more("revenue_revenueentry"))]
