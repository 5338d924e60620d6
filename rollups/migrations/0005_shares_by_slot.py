from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models.functions import Mod, Now

# Rows of the queue are found by bucket and age, never by their number alone: without the key's own index, and with no space
# between columns, an insert of facts writes a third less beside them. A member's cell holds every lens, as other cells do;
# all are computed again.
QUEUE = """
ALTER TABLE rollups_dirtykey DROP CONSTRAINT rollups_dirtykey_pkey;
ALTER TABLE rollups_dirtykey SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 2000);
UPDATE rollups_state SET is_stale = true;
"""
UNDO = "ALTER TABLE rollups_dirtykey ADD PRIMARY KEY (id); UPDATE rollups_state SET is_stale = true;"
_KEY = ("account_id", "month", "book", "measure", "member_id", "currency", "country", "org_unit_id")


class Migration(migrations.Migration):
    dependencies = [("rollups", "0004_wide_cells")]
    operations = [
        migrations.DeleteModel("ShareCell"),
        migrations.CreateModel(
            name="ShareCell",
            fields=[
                ("account_id", models.BigIntegerField()),
                ("month", models.SmallIntegerField()),
                ("book", models.SmallIntegerField()),
                ("measure", models.SmallIntegerField()),
                ("member_id", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("country", models.CharField(max_length=2)),
                ("org_unit_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(*_KEY, blank=True, editable=False, primary_key=True, serialize=False),
                ),
                ("facts", models.IntegerField()),
                ("lines", models.IntegerField()),
                ("native", models.DecimalField(decimal_places=12, max_digits=64)),
                ("minor", ArrayField(models.DecimalField(decimal_places=0, max_digits=60), size=None)),
                ("unpriced_facts", ArrayField(models.IntegerField(), null=True, size=None)),
                ("unpriced_lines", ArrayField(models.IntegerField(), null=True, size=None)),
                (
                    "unpriced_native",
                    ArrayField(models.DecimalField(decimal_places=12, max_digits=64), null=True, size=None),
                ),
                ("oldest_rate", ArrayField(models.DateField(null=True), size=None)),
                ("newest_priced", models.DateField(null=True)),
                ("run", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "cell of a member",
                "verbose_name_plural": "cells of members",
                "indexes": [models.Index(fields=["book", "month", "member_id"], name="rollups_share_by_member")],
            },
        ),
        migrations.DeleteModel("DirtyKey"),
        migrations.CreateModel(
            name="DirtyKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.BigIntegerField()),
                ("org_unit_id", models.BigIntegerField(db_default=0)),
                ("queued_at", models.DateTimeField(db_default=Now())),
                ("domain", models.SmallIntegerField()),
                ("month", models.SmallIntegerField()),
                (
                    "bucket",
                    models.GeneratedField(
                        db_persist=True,
                        expression=Mod("account_id", models.Value(32)),
                        output_field=models.SmallIntegerField(),
                    ),
                ),
            ],
            options={
                "verbose_name": "changed month of an account",
                "verbose_name_plural": "changed months of accounts",
                "indexes": [models.Index(fields=["bucket", "id"], name="rollups_dirtykey_by_bucket")],
            },
        ),
        migrations.RunSQL(QUEUE, UNDO),
    ]
