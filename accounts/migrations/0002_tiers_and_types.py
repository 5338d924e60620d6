from django.db import migrations

TIERS = [("strategic", "Strategic"), ("global", "Global"), ("key", "Key")]
# code, name, the customer acts globally, we act globally
TYPES = [
    ("local", "Local", False, False),
    ("international", "International", False, True),
    ("coordinated", "Coordinated", True, False),
    ("global", "Global", True, True),
]


def seed(apps, schema_editor):
    tier = apps.get_model("accounts", "Tier")
    tier.objects.bulk_create(tier(code=c, name=n, position=p) for p, (c, n) in enumerate(TIERS, start=1))
    kind = apps.get_model("accounts", "AccountType")
    kind.objects.bulk_create(
        kind(code=c, name=n, customer_is_global=theirs, we_are_global=ours, position=p)
        for p, (c, n, theirs, ours) in enumerate(TYPES, start=1)
    )


# A unit named by a row must be a unit of the row's own account: plain foreign keys can't say that.
SAME_ACCOUNT = """
ALTER TABLE accounts_orglink
    ADD CONSTRAINT accounts_orglink_child_of_account FOREIGN KEY (account_id, child_id)
        REFERENCES accounts_orgunit (account_id, id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT accounts_orglink_parent_of_account FOREIGN KEY (account_id, parent_id)
        REFERENCES accounts_orgunit (account_id, id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE accounts_contact
    ADD CONSTRAINT accounts_contact_unit_of_account FOREIGN KEY (account_id, org_unit_id)
        REFERENCES accounts_orgunit (account_id, id) DEFERRABLE INITIALLY DEFERRED;
"""
UNDO = """
ALTER TABLE accounts_orglink DROP CONSTRAINT accounts_orglink_child_of_account,
    DROP CONSTRAINT accounts_orglink_parent_of_account;
ALTER TABLE accounts_contact DROP CONSTRAINT accounts_contact_unit_of_account;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunSQL(SAME_ACCOUNT, UNDO),
    ]
