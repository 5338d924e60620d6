from django.db import migrations

# code, name
STEPS = [
    ("need_recognised", "Need recognised"),
    ("options_explored", "Options explored"),
    ("requirements_set", "Requirements set"),
    ("supplier_chosen", "Supplier chosen"),
    ("purchase_approved", "Purchase approved"),
]
# stage, the step that the customer is at meanwhile
STAGES = {
    "prospecting": "need_recognised",
    "qualification": "options_explored",
    "proposal": "requirements_set",
    "negotiation": "supplier_chosen",
    "won": "purchase_approved",
}
# stage, text, step, is required
CRITERIA = [
    ("prospecting", "The customer has named the problem", "need_recognised", True),
    ("prospecting", "We know what it costs to leave it as it is", "need_recognised", False),
    ("qualification", "Budget and date are known", "options_explored", True),
    ("qualification", "The customer has said who decides and how", "options_explored", True),
    ("proposal", "Requirements are agreed in writing", "requirements_set", True),
    ("proposal", "The offer was presented to those who decide", "requirements_set", True),
    ("negotiation", "The customer has chosen us", "supplier_chosen", True),
    ("negotiation", "Terms and prices are agreed", "supplier_chosen", True),
    ("negotiation", "The customer’s approval is under way", "purchase_approved", False),
]


def seed(apps, schema_editor):
    step, stage = apps.get_model("pipeline", "BuyingStep"), apps.get_model("pipeline", "Stage")
    step.objects.bulk_create(step(code=c, name=n, position=p) for p, (c, n) in enumerate(STEPS, start=1))
    there = set(stage.objects.values_list("code", flat=True))
    for code, at in STAGES.items():
        stage.objects.filter(code=code).update(buying_step=at)
    criterion = apps.get_model("pipeline", "ExitCriterion")
    criterion.objects.bulk_create(
        criterion(stage_id=s, text=t, position=p, buying_step_id=b, is_required=r)
        for p, (s, t, b, r) in enumerate(CRITERIA, start=1)
        if s in there
    )
    # A decision maker before commit, whatever stages an administrator puts into that category.
    apps.get_model("pipeline", "RequiredRole").objects.create(forecast_category="commit", buying_role="decision_maker")


SAME_ACCOUNT = """
ALTER TABLE pipeline_dealcontact
    ADD CONSTRAINT pipeline_dealcontact_of_account FOREIGN KEY (account_id, opportunity_id)
        REFERENCES pipeline_opportunity (account_id, id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT pipeline_dealcontact_contact_of_account FOREIGN KEY (account_id, contact_id)
        REFERENCES accounts_contact (account_id, id) DEFERRABLE INITIALLY DEFERRED;
"""
UNDO = """
ALTER TABLE pipeline_dealcontact DROP CONSTRAINT pipeline_dealcontact_of_account,
    DROP CONSTRAINT pipeline_dealcontact_contact_of_account;
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0005_buyers_journey"), ("accounts", "0007_contacts_of_account")]
    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunSQL(SAME_ACCOUNT, UNDO),
    ]
