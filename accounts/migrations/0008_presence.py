from django.db import migrations, models

from accounts.presence import kept

# The tables of facts lie in rooms above; they are those that carry the trigger.
FUNCTIONS = """
CREATE FUNCTION accounts_kept_tables(of_units boolean) RETURNS SETOF regclass LANGUAGE sql STABLE AS $$
    SELECT tgrelid::regclass FROM pg_trigger
     WHERE tgname = 'accounts_presence_insert' AND (tgrelid = 'accounts_orgunit'::regclass) = of_units ORDER BY tgrelid;
$$;

-- Whether the units, or the facts, say so themselves.
CREATE FUNCTION accounts_lies_in(of_account bigint, in_country text, of_units boolean)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE kept regclass; found_one boolean;
BEGIN
    FOR kept IN SELECT accounts_kept_tables(of_units) LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE account_id = $1 AND country = $2)', kept)
           INTO found_one USING of_account, in_country;
        IF found_one THEN RETURN true; END IF;
    END LOOP;
    RETURN false;
END $$;

-- Rows for what a table holds and none is there for.
CREATE FUNCTION accounts_fill_presence(kept regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO accounts_presence (account_id, country, is_unit)
        SELECT account_id, country, $1 FROM %s WHERE country <> '''' GROUP BY 1, 2
        EXCEPT SELECT account_id, country, is_unit FROM accounts_presence WHERE is_sure', kept)
      USING kept = 'accounts_orgunit'::regclass;
END $$;

-- What has left these countries. The locks come first and in the order of all; what is read afterwards is what was committed
-- before them, and nobody else takes anything away until this transaction ends. A row later than all others of its account and
-- country stays, for those who rely on one and are not committed yet.
CREATE FUNCTION accounts_leave(accounts bigint[], countries text[], of_units boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE kept regclass;
BEGIN
    PERFORM 1 FROM accounts_presence p
       JOIN (SELECT DISTINCT * FROM unnest(accounts, countries) u (account_id, country)) k
         ON k.account_id = p.account_id AND k.country = p.country AND p.is_unit = of_units
      ORDER BY p.account_id, p.country, p.id FOR UPDATE OF p;
    FOR kept IN SELECT accounts_kept_tables(of_units) LOOP
        EXECUTE format('SELECT array_agg(k.account_id), array_agg(k.country)
              FROM unnest($1, $2) k (account_id, country)
             WHERE NOT EXISTS (SELECT FROM %s f WHERE f.account_id = k.account_id AND f.country = k.country)', kept)
           INTO accounts, countries USING accounts, countries;
    END LOOP;
    IF accounts IS NULL THEN RETURN; END IF;
    DELETE FROM accounts_presence p
     USING unnest(accounts, countries) k (account_id, country)
     WHERE p.account_id = k.account_id AND p.country = k.country AND p.is_unit = of_units
       AND EXISTS (SELECT FROM accounts_presence q
                    WHERE q.account_id = p.account_id AND q.country = p.country AND q.is_unit = of_units AND q.id > p.id);
    UPDATE accounts_presence p SET is_sure = false
      FROM unnest(accounts, countries) k (account_id, country)
     WHERE p.account_id = k.account_id AND p.country = k.country AND p.is_unit = of_units AND p.is_sure;
END $$;

CREATE FUNCTION accounts_keep_presence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_units boolean := TG_RELID = 'accounts_orgunit'::regclass;
    accounts bigint[];
    countries text[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO accounts_presence (account_id, country, is_unit)
        SELECT DISTINCT n.account_id, n.country, of_units FROM fresh n
         WHERE n.country <> '' AND NOT EXISTS (
               SELECT FROM accounts_presence p
                WHERE p.account_id = n.account_id AND p.country = n.country AND p.is_unit = of_units AND p.is_sure);
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO accounts_presence (account_id, country, is_unit)
        SELECT DISTINCT n.account_id, n.country, of_units FROM fresh n LEFT JOIN stale o ON o.id = n.id
         WHERE n.country <> '' AND (o.account_id, o.country) IS DISTINCT FROM (n.account_id, n.country) AND NOT EXISTS (
               SELECT FROM accounts_presence p
                WHERE p.account_id = n.account_id AND p.country = n.country AND p.is_unit = of_units AND p.is_sure);
        SELECT array_agg(account_id), array_agg(country) INTO accounts, countries
          FROM (SELECT DISTINCT o.account_id, o.country FROM stale o LEFT JOIN fresh n ON n.id = o.id
                 WHERE o.country <> '' AND (o.account_id, o.country) IS DISTINCT FROM (n.account_id, n.country)) left_by;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(account_id), array_agg(country) INTO accounts, countries
          FROM (SELECT DISTINCT account_id, country FROM stale WHERE country <> '') left_by;
    ELSE
        UPDATE accounts_presence p SET is_sure = false WHERE p.is_unit = of_units AND p.is_sure;
    END IF;
    IF accounts IS NOT NULL THEN PERFORM accounts_leave(accounts, countries, of_units); END IF;
    RETURN NULL;
END $$;
"""
UNDO = """
DROP FUNCTION accounts_keep_presence() CASCADE;
DROP FUNCTION accounts_leave, accounts_fill_presence, accounts_lies_in, accounts_kept_tables;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_contacts_of_account")]
    operations = [
        migrations.CreateModel(
            name="Presence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.BigIntegerField()),
                ("country", models.CharField(max_length=2)),
                ("is_unit", models.BooleanField()),
                ("is_sure", models.BooleanField(db_default=True, default=True)),
            ],
            options={
                "verbose_name": "country of an account",
                "verbose_name_plural": "countries of accounts",
                "indexes": [
                    models.Index(
                        fields=["account_id", "country"],
                        include=("is_unit", "is_sure"),
                        name="accounts_presence_of_account",
                    ),
                    models.Index(
                        fields=["country", "account_id"],
                        include=("is_unit", "is_sure"),
                        name="accounts_presence_by_country",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FUNCTIONS, UNDO),
        migrations.RunSQL(kept("accounts_orgunit"), migrations.RunSQL.noop),
    ]
