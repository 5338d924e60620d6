from django.db import migrations

# History grows with every change; what was deleted is found without reading the rest.
DELETIONS = """
CREATE INDEX revenue_entries_deletions ON revenue_revenueentryevent (pgh_id) WHERE pgh_label = 'delete';
"""
UNDO = "DROP INDEX revenue_entries_deletions;"


class Migration(migrations.Migration):
    dependencies = [("revenue", "0003_entries_by_unit")]
    operations = [migrations.RunSQL(DELETIONS, UNDO)]
