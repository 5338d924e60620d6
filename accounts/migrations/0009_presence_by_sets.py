from django.db import migrations

# Old and new rows are compared as sets of places, row by row no more: a trigger keeps the plan that it made for one row, and by it
# a later change of 100,000 rows in the same session compared each with every other.
FUNCTION = """
CREATE OR REPLACE FUNCTION accounts_keep_presence() RETURNS trigger LANGUAGE plpgsql AS $$
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
        SELECT n.account_id, n.country, of_units
          FROM (SELECT account_id, country FROM fresh EXCEPT SELECT account_id, country FROM stale) n
         WHERE n.country <> '' AND NOT EXISTS (
               SELECT FROM accounts_presence p
                WHERE p.account_id = n.account_id AND p.country = n.country AND p.is_unit = of_units AND p.is_sure);
        SELECT array_agg(account_id), array_agg(country) INTO accounts, countries
          FROM (SELECT account_id, country FROM stale EXCEPT SELECT account_id, country FROM fresh) left_by
         WHERE country <> '';
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


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_presence")]
    # The way back leaves it: it does the same.
    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
