from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

# Revenue entries are marked by unit, rates with their set; an emptied table or another pivot is counted, so that a rebuild
# under way does not take a later mark for one that it has seen.
MARKS = """
CREATE OR REPLACE FUNCTION rollups_mark_revenue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO rollups_dirtykey (domain, account_id, month, org_unit_id)
        SELECT DISTINCT 1, account_id, month, COALESCE(org_unit_id, 0) FROM fresh;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO rollups_dirtykey (domain, account_id, month, org_unit_id)
        SELECT DISTINCT 1, account_id, month, COALESCE(org_unit_id, 0) FROM stale;
    ELSE
        INSERT INTO rollups_dirtykey (domain, account_id, month, org_unit_id)
        SELECT DISTINCT 1, v.account_id, v.month, COALESCE(v.org_unit_id, 0)
          FROM stale o FULL JOIN fresh n ON n.id = o.id
         CROSS JOIN LATERAL (VALUES (o.account_id, o.month, o.org_unit_id), (n.account_id, n.month, n.org_unit_id))
               v (account_id, month, org_unit_id)
         WHERE v.account_id IS NOT NULL
           AND (o.account_id, o.org_unit_id, o.country, o.kind, o.date, o.amount, o.currency_id)
               IS DISTINCT FROM (n.account_id, n.org_unit_id, n.country, n.kind, n.date, n.amount, n.currency_id);
    END IF;
    IF FOUND THEN PERFORM pg_notify('gam_rollups', ''); END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION rollups_mark_rates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO rollups_widechange (stage_id, rates, currency, first_on, last_on)
        SELECT '', rate_set_id, currency_id, min(date), max(date) FROM fresh
         GROUP BY rate_set_id, currency_id, date_trunc('month', date);
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO rollups_widechange (stage_id, rates, currency, first_on, last_on)
        SELECT '', rate_set_id, currency_id, min(date), max(date) FROM stale
         GROUP BY rate_set_id, currency_id, date_trunc('month', date);
    ELSE
        INSERT INTO rollups_widechange (stage_id, rates, currency, first_on, last_on)
        SELECT '', v.rate_set_id, v.currency_id, min(v.date), max(v.date)
          FROM stale o FULL JOIN fresh n ON n.id = o.id
         CROSS JOIN LATERAL (VALUES (o.rate_set_id, o.currency_id, o.date), (n.rate_set_id, n.currency_id, n.date))
               v (rate_set_id, currency_id, date)
         WHERE v.rate_set_id IS NOT NULL
           AND (o.rate_set_id, o.currency_id, o.date, o.rate) IS DISTINCT FROM (n.rate_set_id, n.currency_id, n.date, n.rate)
         GROUP BY v.rate_set_id, v.currency_id, date_trunc('month', v.date);
    END IF;
    IF FOUND THEN PERFORM pg_notify('gam_rollups', ''); END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION rollups_mark_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE rollups_state SET is_stale = true, marks = marks + 1;
    PERFORM pg_notify('gam_rollups', '');
    RETURN NULL;
END $$;

-- A new set of rates is a new lens: the drain compares what there is with what cells have; it is only woken.
CREATE TRIGGER rollups_wake AFTER INSERT ON money_rateset FOR EACH STATEMENT EXECUTE FUNCTION rollups_wake();

ALTER TABLE rollups_quote SET UNLOGGED;
CREATE STATISTICS rollups_entries (ndistinct) ON account_id, month, org_unit_id FROM revenue_revenueentry;
UPDATE rollups_state SET is_stale = true;
"""
# Only the triggers' new columns keep the former functions from being put back; cells are computed again in any case.
UNDO = "DROP TRIGGER rollups_wake ON money_rateset; DROP STATISTICS rollups_entries;"


def _amounts() -> list[tuple[str, models.Field]]:
    return [
        ("country", models.CharField(max_length=2)),
        ("month", models.SmallIntegerField()),
        ("measure", models.SmallIntegerField()),
        ("currency", models.CharField(max_length=3)),
        ("facts", models.IntegerField()),
        ("native", models.DecimalField(decimal_places=8, max_digits=60)),
        ("minor", ArrayField(models.DecimalField(decimal_places=0, max_digits=60), size=None)),
        ("unpriced_facts", ArrayField(models.IntegerField(), null=True, size=None)),
        ("unpriced_native", ArrayField(models.DecimalField(decimal_places=8, max_digits=60), null=True, size=None)),
        ("oldest_rate", ArrayField(models.DateField(null=True), size=None)),
        ("newest_fact", models.DateField(null=True)),
        ("newest_priced", models.DateField(null=True)),
        ("run", models.BigIntegerField()),
    ]


def _key(*columns: str) -> tuple[str, models.CompositePrimaryKey]:
    return "pk", models.CompositePrimaryKey(*columns, blank=True, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    dependencies = [("rollups", "0003_shares"), ("money", "0004_mean_rates"), ("revenue", "0003_entries_by_unit")]
    operations = [
        migrations.DeleteModel("Cell"),
        migrations.DeleteModel("AccountCell"),
        migrations.DeleteModel("CountryCell"),
        migrations.RunSQL("DELETE FROM rollups_pricelens", migrations.RunSQL.noop),
        migrations.AddField("pricelens", "slot", models.PositiveSmallIntegerField(unique=True, verbose_name="slot")),
        migrations.AddField("pricelens", "is_ready", models.BooleanField(default=False, verbose_name="ready")),
        migrations.AddField("state", "marks", models.IntegerField(default=0, verbose_name="times marked")),
        migrations.AddField("run", "progress", models.SmallIntegerField(null=True, verbose_name="buckets done")),
        migrations.AddField("dirtykey", "org_unit_id", models.BigIntegerField(db_default=0)),
        migrations.AddField(
            "widechange", "rates", models.CharField(blank=True, db_default="", default="", max_length=40)
        ),
        migrations.CreateModel(
            name="Quote",
            fields=[
                ("currency", models.CharField(max_length=3)),
                ("rate_on", models.DateField()),
                ("prices", ArrayField(models.FloatField(null=True), size=None)),
                ("numerators", ArrayField(models.DecimalField(decimal_places=40, max_digits=80, null=True), size=None)),
                (
                    "denominators",
                    ArrayField(models.DecimalField(decimal_places=40, max_digits=80, null=True), size=None),
                ),
                ("oldest", ArrayField(models.DateField(null=True), size=None)),
                ("is_priced", models.BooleanField(null=True)),
                _key("currency", "rate_on"),
            ],
            options={"verbose_name": "price of a day", "verbose_name_plural": "prices of days"},
        ),
        migrations.CreateModel(
            name="Cell",
            fields=[
                *_amounts(),
                ("account_id", models.BigIntegerField()),
                ("org_unit_id", models.BigIntegerField()),
                _key("account_id", "month", "org_unit_id", "country", "measure", "currency"),
            ],
            options={"verbose_name": "cell of a unit", "verbose_name_plural": "cells of units"},
        ),
        migrations.CreateModel(
            name="AccountCell",
            fields=[
                *_amounts(),
                ("account_id", models.BigIntegerField()),
                _key("account_id", "month", "country", "measure", "currency"),
            ],
            options={
                "verbose_name": "cell of an account",
                "verbose_name_plural": "cells of accounts",
                "indexes": [
                    models.Index(
                        fields=["country", "month", "measure", "currency"], name="rollups_accountcell_by_country"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CountryCell",
            fields=[*_amounts(), _key("month", "country", "measure", "currency")],
            options={"verbose_name": "cell of a country", "verbose_name_plural": "cells of countries"},
        ),
        migrations.RunSQL(MARKS, UNDO),
    ]
