from django.db import migrations

ROLES = [
    ("global_account_manager", "Global account manager"),
    ("regional_account_manager", "Regional account manager"),
    ("local_account_manager", "Local account manager"),
    ("executive_sponsor", "Executive sponsor"),
    ("solution_specialist", "Solution specialist"),
    ("fulfilment_lead", "Fulfilment lead"),
    ("customer_success", "Customer success"),
    ("legal", "Legal"),
    ("finance", "Finance"),
]


def seed(apps, schema_editor):
    role = apps.get_model("teams", "TeamRole")
    role.objects.bulk_create(
        role(code=code, name=name, position=position) for position, (code, name) in enumerate(ROLES, start=1)
    )


class Migration(migrations.Migration):
    dependencies = [("teams", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
