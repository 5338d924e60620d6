"""The lines of every deal as they stand, or as they stood at the end of a past day, priced in every reporting currency: what
a snapshot keeps. Pure text.

Parameters: `as_of` (the rate date of open deals), `since` (the first month of closed deals), `max_age`, `currencies`, `countries`
and `paths` (the regions above each country, joined by SEPARATOR); of a past day `until`, its last instant.
"""

from __future__ import annotations

from rollups import formulas as f
from rollups.forecast_categories import CATEGORY_SQL

SEPARATOR = "\x1f"
COLUMNS = (
    "deal", "line", "external_id", "name", "account_id", "account_code", "account_name", "org_unit_code", "country",
    "path", "owner", "prime", "overlay", "stage", "outcome", "category", "probability", "amount", "currency",
    "close_date", "month", "rate_on", "minor",
)  # fmt: skip
LENSES = """(SELECT at::int AS id, code AS currency, 'spot' AS rates
               FROM unnest(%(currencies)s::text[]) WITH ORDINALITY c (code, at)) n"""

_CATEGORY = CATEGORY_SQL.format(outcome="s.outcome", own="d.forecast_category", stage="s.forecast_category")
_SHARES = """COALESCE((SELECT jsonb_agg(jsonb_build_array(m.email, (p.percent * 100)::int) ORDER BY m.email COLLATE "C")
     FROM pipeline_opportunitysplit p JOIN teams_member m ON m.id = p.member_id
    WHERE p.opportunity_id = d.id AND p.type = '{type}' AND p.percent > 0), '[]'::jsonb)"""
_LINES = f"""
SELECT d.id AS deal, COALESCE(l.line, 0) AS line, d.external_id, d.name, d.account_id, a.code AS account_code,
       a.name AS account_name, COALESCE(u.code, '') AS org_unit_code,
       COALESCE(NULLIF(CASE WHEN l.id IS NULL THEN d.country ELSE l.country END, ''), 'ZZ')::text AS country,
       COALESCE(o.email, '') AS owner, {_SHARES.format(type="prime")} AS prime, {_SHARES.format(type="overlay")} AS overlay,
       s.code AS stage, s.outcome,
       CASE WHEN s.outcome = 'lost' THEN '' WHEN s.outcome = 'won' THEN 'closed'
            WHEN COALESCE(NULLIF(d.forecast_category, ''), s.forecast_category) = 'omitted' THEN 'omitted'
            ELSE (ARRAY['closed', 'commit', 'best_case', 'pipeline'])[{_CATEGORY}] END AS category,
       COALESCE(d.probability, s.probability) AS probability,
       CASE WHEN l.id IS NULL THEN d.amount ELSE l.amount END AS amount, d.currency_id AS currency, d.close_date, d.month,
       CASE WHEN s.outcome = 'open' THEN %(as_of)s::date ELSE d.close_date END AS rate_on
  FROM {{deals}} d
  JOIN pipeline_stage s ON s.code = d.stage_id
  JOIN accounts_account a ON a.id = d.account_id
  LEFT JOIN {{parts}} l ON l.opportunity_id = d.id
  LEFT JOIN accounts_orgunit u ON u.id = CASE WHEN l.id IS NULL THEN d.org_unit_id ELSE l.org_unit_id END
  LEFT JOIN teams_member o ON o.id = d.owner_id
 WHERE (s.outcome = 'open' OR d.month >= %(since)s) AND {{where}}"""

# What the stage history says of a deal at the end of a day. A deal that nothing happened to since is as it is now; of one that
# moved on, a probability or category of its own is not known, and follows the stage.
_DEALS_THEN = """
then_deals AS MATERIALIZED (
SELECT o.id, o.external_id, o.name, o.account_id, o.org_unit_id, o.country, h.stage_id, o.currency_id, o.owner_id,
       COALESCE(h.amount, o.amount) AS amount, COALESCE(h.close_date, o.close_date) AS close_date,
       CASE WHEN h.is_last THEN o.probability END AS probability,
       CASE WHEN h.is_last THEN o.forecast_category ELSE '' END AS forecast_category,
       (EXTRACT(YEAR FROM COALESCE(h.close_date, o.close_date)) * 12
        + EXTRACT(MONTH FROM COALESCE(h.close_date, o.close_date)) - 1)::int AS month
  FROM pipeline_opportunity o
 CROSS JOIN LATERAL (
       SELECT e.stage_id,
              (SELECT x.amount FROM pipeline_stagehistory x WHERE x.opportunity_id = o.id AND x.changed_at <= %(until)s
                  AND x.amount IS NOT NULL ORDER BY x.changed_at DESC LIMIT 1) AS amount,
              (SELECT x.close_date FROM pipeline_stagehistory x WHERE x.opportunity_id = o.id AND x.changed_at <= %(until)s
                  AND x.close_date IS NOT NULL ORDER BY x.changed_at DESC LIMIT 1) AS close_date,
              NOT EXISTS (SELECT FROM pipeline_stagehistory x
                           WHERE x.opportunity_id = o.id AND x.changed_at > %(until)s) AS is_last
         FROM pipeline_stagehistory e WHERE e.opportunity_id = o.id AND e.changed_at <= %(until)s
        ORDER BY e.changed_at DESC LIMIT 1) h),
then_parts AS MATERIALIZED (
SELECT l.id, l.opportunity_id, l.line, l.org_unit_id, l.country,
       CASE WHEN d.amount = l.total THEN l.amount
            WHEN l.total = 0 THEN CASE WHEN l.upto_line = 1 THEN d.amount ELSE 0 END
            ELSE round(d.amount * l.upto / l.total, 4) - round(d.amount * (l.upto - l.amount) / l.total, 4) END AS amount
  FROM (SELECT p.*, sum(p.amount) OVER deal AS total, sum(p.amount) OVER (deal ORDER BY p.line) AS upto,
               row_number() OVER (deal ORDER BY p.line) AS upto_line
          FROM pipeline_opportunityline p WINDOW deal AS (PARTITION BY p.opportunity_id)) l
  JOIN then_deals d ON d.id = l.opportunity_id),
"""

_PRICED = f"""
facts AS MATERIALIZED ({{lines}}),
quotes AS MATERIALIZED ({f.quotes(LENSES)}),
prices AS MATERIALIZED (
SELECT currency, rate_on, array_agg(numerator ORDER BY lens_id) AS numerators,
       array_agg(denominator ORDER BY lens_id) AS denominators FROM quotes GROUP BY 1, 2),
lines AS (
SELECT x.*, COALESCE(string_to_array(NULLIF(c.path, ''), '{SEPARATOR}'), '{{{{}}}}')::text[] AS path,
       ARRAY[{{minors}}]::numeric[] AS minor
  FROM facts x JOIN prices q ON q.currency = x.currency AND q.rate_on = x.rate_on
  LEFT JOIN unnest(%(countries)s::text[], %(paths)s::text[]) c (country, path) ON c.country = x.country)"""


def ctes(*, width: int, is_past: bool = False, where: str = "true") -> str:
    """CTEs up to `lines`, whose columns are COLUMNS, in `width` reporting currencies; `where` restricts by the alias `d`."""
    deals, parts = ("then_deals", "then_parts") if is_past else ("pipeline_opportunity", "pipeline_opportunityline")
    minors = ", ".join(
        f"money_half_even(x.amount, q.numerators[{at}], q.denominators[{at}])" for at in range(1, width + 1)
    )
    lines = _LINES.format(deals=deals, parts=parts, where=where)
    priced = _PRICED.replace("{lines}", lines).replace("{minors}", minors).replace("{{}}", "{}")
    return (_DEALS_THEN if is_past else "") + priced
