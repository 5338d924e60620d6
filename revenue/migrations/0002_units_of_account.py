from django.db import migrations

SAME_ACCOUNT = """
ALTER TABLE revenue_revenueentry
    ADD CONSTRAINT revenue_entry_unit_of_account FOREIGN KEY (account_id, org_unit_id)
        REFERENCES accounts_orgunit (account_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE revenue_potential
    ADD CONSTRAINT revenue_potential_unit_of_account FOREIGN KEY (account_id, org_unit_id)
        REFERENCES accounts_orgunit (account_id, id) DEFERRABLE INITIALLY DEFERRED;
"""
UNDO = """
ALTER TABLE revenue_revenueentry DROP CONSTRAINT revenue_entry_unit_of_account;
ALTER TABLE revenue_potential DROP CONSTRAINT revenue_potential_unit_of_account;
"""


class Migration(migrations.Migration):
    dependencies = [("revenue", "0001_initial"), ("accounts", "0002_tiers_and_types")]
    operations = [migrations.RunSQL(SAME_ACCOUNT, UNDO)]
