import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# The trigger does what the cascade did, for all deals of a statement at once.
ONE_BY_ONE = """
ALTER TABLE pipeline_opportunityline DROP CONSTRAINT pipeline_line_of_account,
    ADD CONSTRAINT pipeline_line_of_account FOREIGN KEY (account_id, opportunity_id)
        REFERENCES pipeline_opportunity (account_id, id) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""
AS_A_SET = ONE_BY_ONE.replace("ON UPDATE CASCADE ", "")


class Migration(migrations.Migration):
    dependencies = [
        ("pghistory", "0007_auto_20250421_0444"),
        ("pipeline", "0002_stages"),
    ]

    operations = [
        migrations.CreateModel(
            name="StageHistoryEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("changed_at", models.DateTimeField(verbose_name="changed at")),
                (
                    "amount",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=20, null=True, verbose_name="amount"),
                ),
                ("close_date", models.DateField(blank=True, null=True, verbose_name="close date")),
                (
                    "opportunity",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="pipeline.opportunity",
                        verbose_name="opportunity",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="pipeline.stagehistory",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="pipeline.stage",
                        verbose_name="stage",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="opportunity",
            trigger=pgtrigger.compiler.Trigger(
                name="lines_follow_deal",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF NOT EXISTS (SELECT 1 FROM fresh n JOIN stale o ON o.id = n.id WHERE o.account_id <> n.account_id) THEN\n    RETURN NULL;\nEND IF;\nUPDATE pipeline_opportunityline l SET account_id = n.account_id\n  FROM fresh n JOIN stale o ON o.id = n.id AND o.account_id <> n.account_id\n WHERE l.opportunity_id = n.id AND l.account_id <> n.account_id;\nRETURN NULL;\n",
                    hash="ece3b82cdd627e7cf97e37f52253ce7546a0db3b",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_lines_follow_deal_b6744",
                    referencing="REFERENCING OLD TABLE AS stale  NEW TABLE AS fresh ",
                    table="pipeline_opportunity",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stagehistory",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "pipeline_stagehistoryevent" ("amount", "changed_at", "close_date", "id", "opportunity_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "stage_id") SELECT old_values."amount", old_values."changed_at", old_values."close_date", old_values."id", old_values."opportunity_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."stage_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="7297810070febbd844a7e3afd84b7b9ba5183e42",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_29fec",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="pipeline_stagehistory",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(AS_A_SET, ONE_BY_ONE),
    ]
