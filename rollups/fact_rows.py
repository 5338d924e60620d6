"""Facts one by one, with what names them, as SQL text: what proofs page through and what lists of unpriced facts show. Pure.

The same meaning as `formulas.facts`, which keeps only what cells need. Columns are those of `COLUMNS`; a text is put into
parentheses and named `w` by its reader, who restricts it. Parameters: `first`, `last` (months), `as_of`.
"""

from __future__ import annotations

from rollups import formulas as f
from rollups.measures import Domain, Measure

COLUMNS = (
    "kind", "id", "line", "external_id", "account_id", "org_unit_id", "country", "product_id", "month", "measure",
    "currency", "own_date", "rate_on", "amount", "stage", "probability", "owner_id", "is_omitted",
)  # fmt: skip
KEY = ("own_date", "id", "line")
"""The order of every list of facts, each the latest first: the date, then the entry or deal, then its line."""

_WITHIN = "f.month BETWEEN %(first)s AND %(last)s"
_ENTRIES = f"""
SELECT 'revenue_entry' AS kind, f.id, 0 AS line, f.external_id, f.account_id, COALESCE(f.org_unit_id, 0) AS org_unit_id,
       {f.country_of("f.country")} AS country, f.product_id, f.month, {f.measure_of("f.kind")} AS measure,
       f.currency_id AS currency, f.date AS own_date, f.date AS rate_on, f.amount,
       NULL::text AS stage, NULL::numeric AS probability, NULL::bigint AS owner_id, false AS is_omitted
  FROM revenue_revenueentry f WHERE {_WITHIN}
"""
# A deal's days by its indexed date too: of a long list only the beginning is read.
_LINES = f"""
SELECT CASE WHEN l.id IS NULL THEN 'opportunity' ELSE 'opportunity_line' END AS kind, f.id, COALESCE(l.line, 0) AS line,
       f.external_id || COALESCE('/' || l.line, '') AS external_id, f.account_id,
       COALESCE(CASE WHEN l.id IS NULL THEN f.org_unit_id ELSE l.org_unit_id END, 0) AS org_unit_id,
       {f.country_of("CASE WHEN l.id IS NULL THEN f.country ELSE l.country END")} AS country,
       CASE WHEN l.id IS NULL THEN f.product_id ELSE COALESCE(l.product_id, f.product_id) END AS product_id, f.month,
       CASE s.outcome WHEN 'won' THEN 6 WHEN 'lost' THEN 7 ELSE 4 END AS measure, f.currency_id AS currency,
       f.close_date AS own_date, CASE WHEN s.outcome = 'open' THEN %(as_of)s::date ELSE f.close_date END AS rate_on,
       CASE WHEN l.id IS NULL THEN f.amount ELSE l.amount END AS amount,
       f.stage_id AS stage, COALESCE(f.probability, s.probability) AS probability, f.owner_id,
       s.outcome = 'open' AND COALESCE(NULLIF(f.forecast_category, ''), s.forecast_category) = 'omitted' AS is_omitted
  FROM pipeline_opportunity f
  JOIN pipeline_stage s ON s.code = f.stage_id
  LEFT JOIN pipeline_opportunityline l ON l.opportunity_id = f.id
 WHERE {_WITHIN}
"""
IS_FACT = "w.amount IS NOT NULL AND NOT w.is_omitted"
"""What of the rows is money in a figure; the rest is why a deal's line is not."""


def domain_of(measure: int) -> Domain:
    return Domain.REVENUE if measure <= Measure.RECOGNISED else Domain.DEALS


def rows(domain: Domain, *, where: str = "") -> str:
    """Rows of one domain, money or not; `where` restricts them by the alias `f`. An open line is there once, as open."""
    text = _ENTRIES if domain is Domain.REVENUE else _LINES
    return f"{text} AND {where}" if where else text


def rows_of_measures() -> str:
    """The facts of every measure, an open line once."""
    return f"{rows(Domain.REVENUE)} UNION ALL SELECT * FROM ({rows(Domain.DEALS)}) w WHERE {IS_FACT}"
