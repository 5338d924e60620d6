from django.db import migrations

from accounts.presence import kept, kept_no_more


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0007_scores"), ("accounts", "0008_presence")]
    operations = [
        *(
            migrations.RunSQL(kept(table), kept_no_more(table))
            for table in ("pipeline_opportunity", "pipeline_opportunityline")
        )
    ]
