from django.db import migrations, models

# Besides published sets there are computed ones: `constant`, the mean over the published spot days of the month one year
# before a day's own, `month_average`, that of its own month, and `month_average:K`, that of K months before. A leg is a sum
# over a number of days (`rate` ÷ `days`), so that the quotient of two means stays one exact fraction.
FUNCTIONS = """
DROP FUNCTION money_quote; DROP FUNCTION money_leg;

CREATE FUNCTION money_months_back(rates text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN rates = 'constant' THEN 12 WHEN rates = 'month_average' THEN 0
                WHEN starts_with(rates, 'month_average:') THEN substr(rates, 15)::int END;
COMMENT ON FUNCTION money_months_back IS
    'How many months before a day the month lies whose mean spot rate a computed set takes; null for a published set.';

CREATE FUNCTION money_leg(rates text, base text, code text, day date, max_age int)
    RETURNS TABLE (rate numeric, days bigint, dated date)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
        SELECT 1::numeric, 1::bigint, NULL::date WHERE code = base
        UNION ALL
        (SELECT r.rate, 1, r.date FROM money_exchangerate r
          WHERE code <> base AND money_months_back(rates) IS NULL
            AND r.rate_set_id = rates AND r.currency_id = code AND r.date <= day
            AND (max_age IS NULL OR r.date >= day - max_age)
          ORDER BY r.date DESC LIMIT 1)
        UNION ALL
        SELECT sum(r.rate), count(*), min(r.date) FROM money_exchangerate r
         WHERE code <> base AND money_months_back(rates) IS NOT NULL
           AND r.rate_set_id = 'spot' AND r.currency_id = code
           AND r.date >= (date_trunc('month', day::timestamp) - make_interval(months => money_months_back(rates)))::date
           AND r.date < (date_trunc('month', day::timestamp) - make_interval(months => money_months_back(rates) - 1))::date
        HAVING count(*) > 0
    $$;
COMMENT ON FUNCTION money_leg IS
    'Units of code for one base, as rate ÷ days: the latest published rate on or before the day and not older than max_age days (null: no limit), or the mean of a month; with the oldest date used.';

CREATE FUNCTION money_quote(rates text, source text, goal text, day date, max_age int)
    RETURNS TABLE (numerator numeric, denominator numeric, oldest date)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
        SELECT 1::numeric, 1::numeric, NULL::date WHERE source = goal
        UNION ALL
        SELECT t.rate * f.days, f.rate * t.days, least(f.dated, t.dated)
          FROM money_rateset s
         CROSS JOIN LATERAL money_leg(rates, s.base_id, source, day, CASE WHEN rates = 'spot' THEN max_age END) f
         CROSS JOIN LATERAL money_leg(rates, s.base_id, goal, day, CASE WHEN rates = 'spot' THEN max_age END) t
         WHERE s.code = CASE WHEN money_months_back(rates) IS NULL THEN rates ELSE 'spot' END AND source <> goal
    $$;
COMMENT ON FUNCTION money_quote IS
    'Units of goal for one unit of source, as a fraction, with the date of the older leg; no row when a leg is missing. Only spot rates age.';
"""
UNDO = """
DROP FUNCTION money_quote; DROP FUNCTION money_leg; DROP FUNCTION money_months_back;

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
"""


class Migration(migrations.Migration):
    dependencies = [("money", "0003_conversion")]
    operations = [
        migrations.RunSQL(FUNCTIONS, UNDO),
        migrations.RemoveConstraint("rateset", "money_rateset_not_reserved"),
        migrations.AddConstraint(
            "rateset",
            models.CheckConstraint(
                name="money_rateset_not_reserved",
                condition=models.Q(
                    models.Q(code__in=("constant", "month_average"), _negated=True),
                    models.Q(code__startswith="month_average:", _negated=True),
                ),
                violation_error_message="“constant” and “month_average” are computed; they hold no rates of their own.",
            ),
        ),
    ]
