import django.contrib.postgres.fields
from django.db import migrations, models

# A deal's owner has all of it unless somebody has a prime share, and its lines are laid out by number: the marks of 0002,
# with these two columns compared as well.
MARKS = """
CREATE OR REPLACE FUNCTION rollups_mark_deals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO rollups_dirtykey (domain, account_id, month) SELECT DISTINCT 2, account_id, month FROM fresh;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO rollups_dirtykey (domain, account_id, month) SELECT DISTINCT 2, account_id, month FROM stale;
    ELSE
        INSERT INTO rollups_dirtykey (domain, account_id, month)
        SELECT DISTINCT 2, v.account_id, v.month
          FROM stale o FULL JOIN fresh n ON n.id = o.id
         CROSS JOIN LATERAL (VALUES (o.account_id, o.month), (n.account_id, n.month)) v (account_id, month)
         WHERE v.account_id IS NOT NULL
           AND (o.account_id, o.org_unit_id, o.country, o.stage_id, o.amount, o.currency_id, o.probability,
                o.forecast_category, o.close_date{owner_o})
               IS DISTINCT FROM
               (n.account_id, n.org_unit_id, n.country, n.stage_id, n.amount, n.currency_id, n.probability,
                n.forecast_category, n.close_date{owner_n});
    END IF;
    IF FOUND THEN PERFORM pg_notify('gam_rollups', ''); END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION rollups_mark_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE deal_ids bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT opportunity_id) INTO deal_ids FROM fresh;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT opportunity_id) INTO deal_ids FROM stale;
    ELSE
        SELECT array_agg(DISTINCT v.opportunity_id) INTO deal_ids
          FROM stale o FULL JOIN fresh n ON n.id = o.id
         CROSS JOIN LATERAL (VALUES (o.opportunity_id), (n.opportunity_id)) v (opportunity_id)
         WHERE v.opportunity_id IS NOT NULL
           AND (o.opportunity_id, o.org_unit_id, o.country, o.amount{line_o})
               IS DISTINCT FROM (n.opportunity_id, n.org_unit_id, n.country, n.amount{line_n});
    END IF;
    IF deal_ids IS NULL THEN RETURN NULL; END IF;
    PERFORM 1 FROM pipeline_opportunity WHERE id = ANY (deal_ids) ORDER BY id FOR NO KEY UPDATE;
    INSERT INTO rollups_dirtykey (domain, account_id, month)
    SELECT DISTINCT 2, account_id, month FROM pipeline_opportunity WHERE id = ANY (deal_ids);
    IF FOUND THEN PERFORM pg_notify('gam_rollups', ''); END IF;
    RETURN NULL;
END $$;
"""


def _marks(*, with_shares: bool) -> str:
    owner_o, owner_n = (", o.owner_id", ", n.owner_id") if with_shares else ("", "")
    line_o, line_n = (", o.line", ", n.line") if with_shares else ("", "")
    found = MARKS
    for name, text in (
        ("{owner_o}", owner_o),
        ("{owner_n}", owner_n),
        ("{line_o}", line_o),
        ("{line_n}", line_n),
    ):
        found = found.replace(name, text)
    return found


# A split's month is its deal's, which is locked before it is read, as for lines. Of an e-mail address only that it changed
# is written down: deals whose splits another transaction is committing meanwhile are found after this one's commit.
SPLITS = """
CREATE FUNCTION rollups_mark_splits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE deal_ids bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT opportunity_id) INTO deal_ids FROM fresh;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT opportunity_id) INTO deal_ids FROM stale;
    ELSE
        SELECT array_agg(DISTINCT v.opportunity_id) INTO deal_ids
          FROM stale o FULL JOIN fresh n ON n.id = o.id
         CROSS JOIN LATERAL (VALUES (o.opportunity_id), (n.opportunity_id)) v (opportunity_id)
         WHERE v.opportunity_id IS NOT NULL
           AND (o.opportunity_id, o.member_id, o.type, o.percent)
               IS DISTINCT FROM (n.opportunity_id, n.member_id, n.type, n.percent);
    END IF;
    IF deal_ids IS NULL THEN RETURN NULL; END IF;
    PERFORM 1 FROM pipeline_opportunity WHERE id = ANY (deal_ids) ORDER BY id FOR NO KEY UPDATE;
    INSERT INTO rollups_dirtykey (domain, account_id, month)
    SELECT DISTINCT 2, account_id, month FROM pipeline_opportunity WHERE id = ANY (deal_ids);
    IF FOUND THEN PERFORM pg_notify('gam_rollups', ''); END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION rollups_mark_addresses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rollups_widechange (stage_id, currency, member_id)
    SELECT '', '', n.id FROM stale o JOIN fresh n ON n.id = o.id WHERE o.email <> n.email;
    IF FOUND THEN PERFORM pg_notify('gam_rollups', ''); END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER rollups_insert AFTER INSERT ON pipeline_opportunitysplit REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION rollups_mark_splits();
CREATE TRIGGER rollups_update AFTER UPDATE ON pipeline_opportunitysplit
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION rollups_mark_splits();
CREATE TRIGGER rollups_delete AFTER DELETE ON pipeline_opportunitysplit REFERENCING OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION rollups_mark_splits();
CREATE TRIGGER rollups_truncate AFTER TRUNCATE ON pipeline_opportunitysplit
    FOR EACH STATEMENT EXECUTE FUNCTION rollups_mark_all();
CREATE TRIGGER rollups_addresses AFTER UPDATE ON teams_member REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION rollups_mark_addresses();

UPDATE rollups_state SET is_stale = true;
"""

UNDO = "DROP FUNCTION rollups_mark_splits, rollups_mark_addresses CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("rollups", "0002_dirty_queue"),
        ("pipeline", "0002_stages"),
        ("teams", "0001_initial"),
    ]
    operations = [
        migrations.AddField("widechange", "member_id", models.BigIntegerField(null=True)),
        migrations.CreateModel(
            name="ShareCell",
            fields=[
                ("account_id", models.BigIntegerField()),
                ("month", models.SmallIntegerField()),
                ("lens_id", models.IntegerField()),
                ("book", models.SmallIntegerField()),
                ("measure", models.SmallIntegerField()),
                ("member_id", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("country", models.CharField(max_length=2)),
                ("org_unit_id", models.BigIntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id",
                        "month",
                        "lens_id",
                        "book",
                        "measure",
                        "member_id",
                        "currency",
                        "country",
                        "org_unit_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("facts", models.IntegerField()),
                ("lines", models.IntegerField()),
                ("native", models.DecimalField(decimal_places=12, max_digits=64)),
                ("minor", models.DecimalField(decimal_places=0, max_digits=60)),
                ("unpriced_facts", models.IntegerField()),
                ("unpriced_lines", models.IntegerField()),
                ("unpriced_native", models.DecimalField(decimal_places=12, max_digits=64)),
                ("oldest_rate", models.DateField(null=True)),
                ("newest_priced", models.DateField(null=True)),
                ("run", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "cell of a member",
                "verbose_name_plural": "cells of members",
                "indexes": [
                    models.Index(fields=["lens_id", "book", "month", "member_id"], name="rollups_share_by_member")
                ],
            },
        ),
        migrations.CreateModel(
            name="ShareDeals",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.BigIntegerField()),
                ("month", models.SmallIntegerField()),
                ("outcome", models.CharField(max_length=4)),
                ("book", models.SmallIntegerField()),
                ("member_id", models.BigIntegerField()),
                (
                    "org_unit_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                (
                    "countries",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), size=None),
                ),
                ("deals", models.IntegerField()),
            ],
            options={
                "verbose_name": "deals of a member",
                "verbose_name_plural": "deals of members",
                "indexes": [
                    models.Index(fields=["account_id", "month"], name="rollups_sharedeals_key"),
                    models.Index(fields=["book", "member_id", "month"], name="rollups_sharedeals_by_member"),
                ],
            },
        ),
        migrations.RunSQL(_marks(with_shares=True) + SPLITS, UNDO + _marks(with_shares=False)),
    ]
