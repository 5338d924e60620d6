from django.db import migrations

# History grows with every change; what was deleted is found without reading the rest.
DELETIONS = """
CREATE INDEX pipeline_deals_deletions ON pipeline_opportunityevent (pgh_id) WHERE pgh_label = 'delete';
CREATE INDEX pipeline_line_deletions ON pipeline_opportunitylineevent (opportunity_id) WHERE pgh_label = 'delete';
CREATE INDEX pipeline_split_deletions ON pipeline_opportunitysplitevent (opportunity_id) WHERE pgh_label = 'delete';
"""
UNDO = "DROP INDEX pipeline_deals_deletions, pipeline_line_deletions, pipeline_split_deletions;"


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0003_lines_follow_deals")]
    operations = [migrations.RunSQL(DELETIONS, UNDO)]
