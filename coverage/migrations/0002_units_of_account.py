from django.db import migrations

SAME_ACCOUNT = """
ALTER TABLE coverage_coverage
    ADD CONSTRAINT coverage_unit_of_account FOREIGN KEY (account_id, org_unit_id)
        REFERENCES accounts_orgunit (account_id, id) DEFERRABLE INITIALLY DEFERRED;
"""
UNDO = "ALTER TABLE coverage_coverage DROP CONSTRAINT coverage_unit_of_account;"


class Migration(migrations.Migration):
    dependencies = [("coverage", "0001_initial"), ("accounts", "0002_tiers_and_types")]
    operations = [migrations.RunSQL(SAME_ACCOUNT, UNDO)]
