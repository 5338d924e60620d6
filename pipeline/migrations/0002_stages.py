from django.db import migrations

# code, name, probability in %, forecast category, outcome
STAGES = [
    ("prospecting", "Prospecting", 10, "pipeline", "open"),
    ("qualification", "Qualification", 20, "pipeline", "open"),
    ("proposal", "Proposal", 50, "best_case", "open"),
    ("negotiation", "Negotiation", 75, "commit", "open"),
    ("won", "Won", 100, "closed", "won"),
    ("lost", "Lost", 0, "closed", "lost"),
]


def seed(apps, schema_editor):
    stage = apps.get_model("pipeline", "Stage")
    stage.objects.bulk_create(
        stage(code=c, name=n, position=p, probability=chance, forecast_category=f, outcome=o)
        for p, (c, n, chance, f, o) in enumerate(STAGES, start=1)
    )


SAME_ACCOUNT = """
ALTER TABLE pipeline_opportunity
    ADD CONSTRAINT pipeline_opportunity_of_account UNIQUE (account_id, id),
    ADD CONSTRAINT pipeline_opportunity_unit_of_account FOREIGN KEY (account_id, org_unit_id)
        REFERENCES accounts_orgunit (account_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE pipeline_opportunityline
    ADD CONSTRAINT pipeline_line_of_account FOREIGN KEY (account_id, opportunity_id)
        REFERENCES pipeline_opportunity (account_id, id) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT pipeline_line_unit_of_account FOREIGN KEY (account_id, org_unit_id)
        REFERENCES accounts_orgunit (account_id, id) DEFERRABLE INITIALLY DEFERRED;
"""
UNDO = """
ALTER TABLE pipeline_opportunityline DROP CONSTRAINT pipeline_line_of_account,
    DROP CONSTRAINT pipeline_line_unit_of_account;
ALTER TABLE pipeline_opportunity DROP CONSTRAINT pipeline_opportunity_unit_of_account,
    DROP CONSTRAINT pipeline_opportunity_of_account;
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0001_initial"), ("accounts", "0002_tiers_and_types")]
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunSQL(SAME_ACCOUNT, UNDO),
    ]
