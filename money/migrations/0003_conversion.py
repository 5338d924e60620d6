from django.db import migrations

# The one definition of conversion inside the database. money/conversion.py says the same in Python, and a test compares
# the two; nothing else divides by a rate or rounds money. SQL functions of one expression are inlined by the planner.
FUNCTIONS = """
CREATE FUNCTION money_half_even(amount numeric, numerator numeric, denominator numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sign(amount) * (
        div(2 * abs(amount) * numerator + denominator, 2 * denominator)
        - CASE WHEN mod(2 * abs(amount) * numerator + denominator, 2 * denominator) = 0
                AND mod(div(2 * abs(amount) * numerator + denominator, 2 * denominator), 2) = 1 THEN 1 ELSE 0 END);
COMMENT ON FUNCTION money_half_even IS
    'amount × numerator ÷ denominator as a whole number, ties to even. Exact: it compares remainders, never a rounded quotient.';

CREATE FUNCTION money_leg(rates text, base text, code text, day date, max_age int)
    RETURNS TABLE (rate numeric, dated date)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
        SELECT 1::numeric, NULL::date WHERE code = base
        UNION ALL
        (SELECT r.rate, r.date FROM money_exchangerate r
          WHERE code <> base AND r.rate_set_id = rates AND r.currency_id = code AND r.date <= day
            AND (max_age IS NULL OR r.date >= day - max_age)
          ORDER BY r.date DESC LIMIT 1)
    $$;
COMMENT ON FUNCTION money_leg IS
    'Units of code for one base: the latest rate on or before the day and not older than max_age days (null: no limit).';

CREATE FUNCTION money_quote(rates text, source text, goal text, day date, max_age int)
    RETURNS TABLE (numerator numeric, denominator numeric, oldest date)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
        SELECT 1::numeric, 1::numeric, NULL::date WHERE source = goal
        UNION ALL
        SELECT t.rate, f.rate, least(f.dated, t.dated)
          FROM money_rateset s
         CROSS JOIN LATERAL money_leg(rates, s.base_id, source, day, max_age) f
         CROSS JOIN LATERAL money_leg(rates, s.base_id, goal, day, max_age) t
         WHERE s.code = rates AND source <> goal
    $$;
COMMENT ON FUNCTION money_quote IS
    'Units of goal for one unit of source, as a fraction, with the date of the older leg; no row when a leg is missing.';
"""
UNDO = "DROP FUNCTION money_quote; DROP FUNCTION money_leg; DROP FUNCTION money_half_even;"


class Migration(migrations.Migration):
    dependencies = [("money", "0002_currencies_and_calendar")]
    operations = [migrations.RunSQL(FUNCTIONS, UNDO)]
