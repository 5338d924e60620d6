"""From facts to cells, as SQL text: what a fact is, and where and when it counts. Pure: no connection, no clock.

Parameters of the texts: `as_of` (the rate date of open deals), `max_age` (days that a spot rate may lag). The texts are put
together from the constants of this module alone; values always travel as parameters. `pricing.py` says the same for every
lens at once, as cells hold it.
"""

from __future__ import annotations

from rollups.measures import Domain

LEAF_KEY = ("account_id", "month", "org_unit_id", "country", "measure", "currency")
ACCOUNT_KEY = ("account_id", "month", "country", "measure", "currency")
COUNTRY_KEY = ("month", "country", "measure", "currency")
SUMS = ("facts", "native", "minor", "unpriced_facts", "unpriced_native")
DATES = ("oldest_rate", "newest_fact", "newest_priced")
VALUES = SUMS + DATES
DEALS_KEY = ("account_id", "month", "outcome", "org_unit_ids", "countries")
COUNTRY_DEALS_KEY = ("month", "outcome", "countries")


def country_of(column: str) -> str:
    """Every fact has a country: ZZ is none."""
    return f"COALESCE(NULLIF({column}, ''), 'ZZ')"


def measure_of(kind: str) -> str:
    """The measure of a revenue entry's kind."""
    return f"CASE {kind} WHEN 'booked' THEN 1 WHEN 'billed' THEN 2 ELSE 3 END"


# One row an entry. `{restrict}` joins or filters by the alias `f`.
_REVENUE = f"""
SELECT f.account_id, COALESCE(f.org_unit_id, 0) AS org_unit_id, {country_of("f.country")} AS country,
       f.month, {measure_of("f.kind")} AS measure,
       f.currency_id AS currency, f.date AS rate_on, f.date AS own_date, f.amount
  FROM revenue_revenueentry f {{restrict}}
"""

# One row a line, and one for a deal without lines; an open deal's line is there twice, plain and weighted. A line without
# an amount is counted as a deal and is no fact. × 0.01 is exact where ÷ 100 might round.
_DEALS = """
SELECT {also}f.account_id,
       COALESCE(CASE WHEN l.id IS NULL THEN f.org_unit_id ELSE l.org_unit_id END, 0) AS org_unit_id,
       COALESCE(NULLIF(CASE WHEN l.id IS NULL THEN f.country ELSE l.country END, ''), 'ZZ') AS country,
       f.month, m.measure, f.currency_id AS currency,
       CASE WHEN s.outcome = 'open' THEN %(as_of)s::date ELSE f.close_date END AS rate_on,
       CASE WHEN s.outcome = 'open' THEN NULL ELSE f.close_date END AS own_date,
       CASE WHEN l.id IS NULL THEN f.amount ELSE l.amount END
         * CASE WHEN m.measure = 5 THEN COALESCE(f.probability, s.probability) * 0.01 ELSE 1 END AS amount
  FROM pipeline_opportunity f
  JOIN pipeline_stage s ON s.code = f.stage_id
  LEFT JOIN pipeline_opportunityline l ON l.opportunity_id = f.id
  JOIN (VALUES ('open', 4), ('open', 5), ('won', 6), ('lost', 7)) m (outcome, measure) ON m.outcome = s.outcome
       {restrict}
"""
_DEALS_COUNT_AS_MONEY = """
   (CASE WHEN l.id IS NULL THEN f.amount ELSE l.amount END) IS NOT NULL
   AND NOT (s.outcome = 'open' AND COALESCE(NULLIF(f.forecast_category, ''), s.forecast_category) = 'omitted')
"""

ALL_LENSES = "rollups_pricelens n"

# Each pair of currencies and day is looked up once, then joined to the facts by hash.
_QUOTES = """
SELECT d.currency, d.rate_on, n.id AS lens_id, n.rates = 'spot' AND n.currency <> d.currency AS is_foreign,
       q.numerator * ('1e' || goal.exponent)::numeric AS numerator, q.denominator, q.oldest
  FROM (SELECT DISTINCT currency, rate_on FROM facts) d
 CROSS JOIN {lenses}
  JOIN money_currency goal ON goal.code = COALESCE(NULLIF(n.currency, ''), d.currency)
  LEFT JOIN LATERAL money_quote(n.rates, d.currency, goal.code, d.rate_on, %(max_age)s) q ON true
"""

# Cells of the lenses of `quotes`, one row a lens: what is read live.
_LEAF = """
SELECT f.account_id, f.month, q.lens_id, f.org_unit_id, f.country, f.measure, f.currency,
       count(*)::int AS facts, sum(f.amount) AS native,
       COALESCE(sum(money_half_even(f.amount, q.numerator, q.denominator)), 0) AS minor,
       (count(*) FILTER (WHERE q.numerator IS NULL))::int AS unpriced_facts,
       COALESCE(sum(f.amount) FILTER (WHERE q.numerator IS NULL), 0) AS unpriced_native,
       min(q.oldest) AS oldest_rate, max(f.own_date) AS newest_fact,
       max(f.own_date) FILTER (WHERE q.is_foreign AND q.numerator IS NOT NULL) AS newest_priced
  FROM facts f JOIN quotes q ON q.currency = f.currency AND q.rate_on = f.rate_on
 GROUP BY f.account_id, f.month, q.lens_id, f.org_unit_id, f.country, f.measure, f.currency
"""

# The places of each deal, as one sorted set, then how many deals share it.
_PLACES_OF_DEALS = """
SELECT account_id, month, outcome, id AS deal,
       array_agg(org_unit_id ORDER BY org_unit_id, country) AS org_unit_ids,
       array_agg(country ORDER BY org_unit_id, country)::varchar[] AS countries
  FROM (SELECT DISTINCT f.account_id, f.month, s.outcome, f.id,
               COALESCE(CASE WHEN l.id IS NULL THEN f.org_unit_id ELSE l.org_unit_id END, 0) AS org_unit_id,
               COALESCE(NULLIF(CASE WHEN l.id IS NULL THEN f.country ELSE l.country END, ''), 'ZZ')
                   COLLATE "C" AS country
          FROM pipeline_opportunity f
          JOIN pipeline_stage s ON s.code = f.stage_id
          LEFT JOIN pipeline_opportunityline l ON l.opportunity_id = f.id
               {restrict}
         WHERE NOT (s.outcome = 'open'
                    AND COALESCE(NULLIF(f.forecast_category, ''), s.forecast_category) = 'omitted')) place
 GROUP BY account_id, month, outcome, id
"""

COUNTRIES_OF_PLACES = """
(SELECT string_agg(code, ',' ORDER BY code COLLATE "C") FROM (SELECT DISTINCT unnest(countries)::text AS code) u)
"""

BY_KEYS = "JOIN keys k ON k.account_id = f.account_id AND k.month = f.month"
KEYS = "keys AS MATERIALIZED (SELECT * FROM unnest(%(accounts)s::bigint[], %(months)s::int[]) k (account_id, month))"


def facts(domain: Domain, *, join: str = "", where: str = "", with_lines: bool = False) -> str:
    """Rows of facts of one domain; `join` and `where` restrict them by the alias `f`. `with_lines`: of deals, with the
    deal's id and the line's number (0: the implicit one) as `deal` and `line`."""
    if domain is Domain.REVENUE:
        return _REVENUE.format(restrict=f"{join} {'WHERE ' + where if where else ''}")
    conditions = " AND ".join(filter(None, [where, _DEALS_COUNT_AS_MONEY]))
    also = "f.id AS deal, COALESCE(l.line, 0) AS line, " if with_lines else ""
    return _DEALS.format(also=also, restrict=f"{join} WHERE {conditions}")


def quotes(lenses: str) -> str:
    """The price of each currency and day of the CTE `facts` under the rows of `lenses`; no numerator where there is none."""
    return _QUOTES.format(lenses=lenses)


def quote_ctes(rows: str, *, kept: bool, lenses: str = ALL_LENSES) -> str:
    """CTEs `facts` and `quotes` over the text `rows`. `kept`: few facts, read once and held."""
    held = "MATERIALIZED" if kept else "NOT MATERIALIZED"
    return f"facts AS {held} ({rows}), quotes AS MATERIALIZED ({quotes(lenses)})"


def leaf_ctes(rows: str, *, kept: bool, lenses: str = ALL_LENSES) -> str:
    """CTEs `facts`, `quotes` and `leaf` over the text `rows`, priced under the rows of `lenses`."""
    held = "MATERIALIZED" if kept else "NOT MATERIALIZED"
    return f"{quote_ctes(rows, kept=kept, lenses=lenses)}, leaf AS {held} ({_LEAF})"


def places(*, join: str) -> str:
    """How many deals lie at each set of places; `join` restricts by the alias `f`."""
    return (
        "SELECT account_id, month, outcome, org_unit_ids, countries, count(*)::int AS deals "
        f"FROM ({places_of_deals(join)}) deal GROUP BY account_id, month, outcome, org_unit_ids, countries"
    )


def places_of_deals(restrict: str) -> str:
    """One row a deal: where it lies. `restrict` joins by the alias `f`."""
    return _PLACES_OF_DEALS.format(restrict=restrict)


def same(key: tuple[str, ...], left: str, right: str) -> str:
    """The condition that two rows have the same key."""
    return " AND ".join(f"{left}.{c} = {right}.{c}" for c in key)


def columns(names: tuple[str, ...], alias: str = "") -> str:
    return ", ".join(f"{alias}.{c}" if alias else c for c in names)
