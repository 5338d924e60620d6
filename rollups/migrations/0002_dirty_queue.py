from django.db import migrations

# Statement-level triggers with transition tables write one row per distinct (account, month), of OLD and of NEW, and only
# where a column that a figure depends on differs. They sort after "pgtrigger_…", so a deal's amount is already its lines'.
QUEUE = """
ALTER TABLE rollups_dirtykey SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 2000);
INSERT INTO rollups_state (id, settings, is_stale) VALUES (1, '', true);

CREATE FUNCTION rollups_mark_revenue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO rollups_dirtykey (domain, account_id, month) SELECT DISTINCT 1, account_id, month FROM fresh;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO rollups_dirtykey (domain, account_id, month) SELECT DISTINCT 1, account_id, month FROM stale;
    ELSE
        INSERT INTO rollups_dirtykey (domain, account_id, month)
        SELECT DISTINCT 1, v.account_id, v.month
          FROM stale o FULL JOIN fresh n ON n.id = o.id
         CROSS JOIN LATERAL (VALUES (o.account_id, o.month), (n.account_id, n.month)) v (account_id, month)
         WHERE v.account_id IS NOT NULL
           AND (o.account_id, o.org_unit_id, o.country, o.kind, o.date, o.amount, o.currency_id)
               IS DISTINCT FROM (n.account_id, n.org_unit_id, n.country, n.kind, n.date, n.amount, n.currency_id);
    END IF;
    IF FOUND THEN PERFORM pg_notify('gam_rollups', ''); END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION rollups_mark_deals() RETURNS trigger LANGUAGE plpgsql AS $$
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
                o.forecast_category, o.close_date)
               IS DISTINCT FROM
               (n.account_id, n.org_unit_id, n.country, n.stage_id, n.amount, n.currency_id, n.probability,
                n.forecast_category, n.close_date);
    END IF;
    IF FOUND THEN PERFORM pg_notify('gam_rollups', ''); END IF;
    RETURN NULL;
END $$;

-- A line's month is its deal's. The deal is locked before its month is read: a close date that another transaction is
-- moving would otherwise leave the line's key with the month the deal is leaving.
CREATE FUNCTION rollups_mark_lines() RETURNS trigger LANGUAGE plpgsql AS $$
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
           AND (o.opportunity_id, o.org_unit_id, o.country, o.amount)
               IS DISTINCT FROM (n.opportunity_id, n.org_unit_id, n.country, n.amount);
    END IF;
    IF deal_ids IS NULL THEN RETURN NULL; END IF;
    PERFORM 1 FROM pipeline_opportunity WHERE id = ANY (deal_ids) ORDER BY id FOR NO KEY UPDATE;
    INSERT INTO rollups_dirtykey (domain, account_id, month)
    SELECT DISTINCT 2, account_id, month FROM pipeline_opportunity WHERE id = ANY (deal_ids);
    IF FOUND THEN PERFORM pg_notify('gam_rollups', ''); END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION rollups_mark_stages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rollups_widechange (stage_id, currency)
    SELECT n.code, '' FROM stale o JOIN fresh n ON n.code = o.code
     WHERE (o.probability, o.outcome, o.forecast_category) IS DISTINCT FROM (n.probability, n.outcome, n.forecast_category);
    IF FOUND THEN PERFORM pg_notify('gam_rollups', ''); END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION rollups_mark_rates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO rollups_widechange (stage_id, currency, first_on, last_on)
        SELECT '', currency_id, min(date), max(date) FROM fresh WHERE rate_set_id = 'spot'
         GROUP BY currency_id, date_trunc('month', date);
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO rollups_widechange (stage_id, currency, first_on, last_on)
        SELECT '', currency_id, min(date), max(date) FROM stale WHERE rate_set_id = 'spot'
         GROUP BY currency_id, date_trunc('month', date);
    ELSE
        INSERT INTO rollups_widechange (stage_id, currency, first_on, last_on)
        SELECT '', v.currency_id, min(v.date), max(v.date)
          FROM stale o FULL JOIN fresh n ON n.id = o.id
         CROSS JOIN LATERAL (VALUES (o.rate_set_id, o.currency_id, o.date), (n.rate_set_id, n.currency_id, n.date))
               v (rate_set_id, currency_id, date)
         WHERE v.rate_set_id = 'spot'
           AND (o.rate_set_id, o.currency_id, o.date, o.rate) IS DISTINCT FROM (n.rate_set_id, n.currency_id, n.date, n.rate)
         GROUP BY v.currency_id, date_trunc('month', v.date);
    END IF;
    IF FOUND THEN PERFORM pg_notify('gam_rollups', ''); END IF;
    RETURN NULL;
END $$;

-- What touches every cell: another pivot, another number of decimals, an emptied table. Done again from the facts.
CREATE FUNCTION rollups_mark_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE rollups_state SET is_stale = true WHERE NOT is_stale;
    PERFORM pg_notify('gam_rollups', '');
    RETURN NULL;
END $$;

-- Another as-of date: nothing is marked, the drain compares dates; it is only woken.
CREATE FUNCTION rollups_wake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('gam_rollups', '');
    RETURN NULL;
END $$;

CREATE TRIGGER rollups_wake AFTER INSERT OR UPDATE OR DELETE ON money_businessdate
    FOR EACH STATEMENT EXECUTE FUNCTION rollups_wake();
CREATE TRIGGER rollups_stages AFTER UPDATE ON pipeline_stage REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION rollups_mark_stages();
CREATE TRIGGER rollups_bases AFTER UPDATE OR DELETE ON money_rateset FOR EACH STATEMENT EXECUTE FUNCTION rollups_mark_all();
CREATE TRIGGER rollups_exponents AFTER UPDATE OF exponent ON money_currency
    FOR EACH STATEMENT EXECUTE FUNCTION rollups_mark_all();
"""

_MARKED = {
    "revenue_revenueentry": "rollups_mark_revenue",
    "pipeline_opportunity": "rollups_mark_deals",
    "pipeline_opportunityline": "rollups_mark_lines",
    "money_exchangerate": "rollups_mark_rates",
}


def _triggers() -> str:
    tables = {
        "insert": "NEW TABLE AS fresh",
        "update": "OLD TABLE AS stale NEW TABLE AS fresh",
        "delete": "OLD TABLE AS stale",
    }
    each = [
        f"CREATE TRIGGER rollups_{event} AFTER {event.upper()} ON {table} REFERENCING {transition} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}();"
        for table, function in _MARKED.items()
        for event, transition in tables.items()
    ]
    emptied = [
        f"CREATE TRIGGER rollups_truncate AFTER TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION rollups_mark_all();"
        for table in _MARKED
    ]
    return "\n".join([*each, *emptied])


UNDO = """
DROP FUNCTION rollups_mark_revenue, rollups_mark_deals, rollups_mark_lines, rollups_mark_stages, rollups_mark_rates,
    rollups_mark_all, rollups_wake CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("rollups", "0001_initial"),
        ("money", "0003_conversion"),
        ("revenue", "0002_units_of_account"),
        ("pipeline", "0002_stages"),
    ]
    operations = [migrations.RunSQL(QUEUE + _triggers(), UNDO)]
