from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    """A name is searched together with a code: without an index on both, neither is used."""

    dependencies = [("accounts", "0003_merged_accounts")]

    operations = [
        migrations.AddIndex("account", models.Index(Upper("code"), name="accounts_account_code_any_case")),
        migrations.AddIndex("orgunit", models.Index(fields=["code"], name="accounts_orgunit_by_code")),
    ]
