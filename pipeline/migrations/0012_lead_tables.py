import datetime as dt

from django.db import migrations

REASONS = [
    ("no_need", "No need"),
    ("no_budget", "No budget"),
    ("not_reached", "Could not be reached"),
    ("no_fit", "Does not fit what we sell"),
    ("duplicate", "Known already"),
]
WEIGHTS = {"region": "2", "account": "3", "tier": "2", "source": "2", "recency": "3", "contact": "2"}
TIERS = {"strategic": "1", "global": "0.8", "key": "0.6"}


def seed(apps, schema_editor):
    reason = apps.get_model("pipeline", "RejectionReason")
    reason.objects.bulk_create(reason(code=c, name=n, position=p) for p, (c, n) in enumerate(REASONS, start=1))
    scoring = apps.get_model("pipeline", "LeadScoring")
    made_at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    scoring.objects.create(made_at=made_at, weights=WEIGHTS, sources={}, tiers=TIERS, recency_days=90)


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0011_leads")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
