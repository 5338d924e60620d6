"""What the units of customers are worth: sums of their own facts, of what the reader may see, in minor units of the first
reporting currency at spot. Two statements whatever the number of customers.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.models import Structure
from core import months
from money.models import SPOT
from money.queries import reporting_currencies
from rollups import formulas
from rollups.account_queries import last_year
from rollups.lens import Lens
from rollups.measures import NO_UNIT, Measure
from rollups.sight import Sight
from rollups.source import ONE_LENS, Source, source_of

_ANY_MONTH = (months.month_of(dt.date.min), months.month_of(dt.date.max))


@dataclass(frozen=True)
class UnitSums:
    """Own facts of a unit: revenue recognised in the twelve whole months before a day's, open deals by their probability
    whatever month they close in, and how many of these facts have no price."""

    revenue: int = 0
    weighted: int = 0
    unpriced: int = 0


@dataclass(frozen=True)
class UnitProduct:
    """What a unit could buy of a product in a year (None: unknown, or without a price), what it did buy in the twelve whole
    months before, and what is open."""

    account_id: int
    unit: int
    product: int
    potential: int | None
    revenue: int
    open: int


def _source(on: dt.date) -> Source:
    first, last = _ANY_MONTH
    return source_of(
        Lens(first, last, reporting_currencies()[0], SPOT, "then", "prime", "recognised", on, Structure.LEGAL.value)
    )


def _given(source: Source, account_ids: Collection[int], on: dt.date) -> dict[str, Any]:
    since, until = last_year(months.month_of(on))
    return {**source.given(), "accounts": list(account_ids), "since": since, "until": until}


_COUNTED = (
    f"(measure = {Measure.RECOGNISED:d} AND month BETWEEN %(since)s AND %(until)s OR measure = {Measure.WEIGHTED:d})"
)


def sums_of_units(*, sight: Sight, account_ids: Collection[int], on: dt.date) -> dict[int, dict[int, UnitSums]]:
    """By account and unit id; a unit without such a fact is absent. Open deals are priced on `on`."""
    source = _source(on)
    statement = f"""
SELECT account_id, org_unit_id,
       COALESCE(sum(minor) FILTER (WHERE measure = {Measure.RECOGNISED:d}), 0),
       COALESCE(sum(minor) FILTER (WHERE measure = {Measure.WEIGHTED:d}), 0), sum(unpriced_facts)
  FROM {source.cells("unit", of_accounts=True)} u
 WHERE org_unit_id <> {NO_UNIT} AND {_COUNTED} AND {sight.of_account("u")} GROUP BY account_id, org_unit_id"""
    found: dict[int, dict[int, UnitSums]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(statement, {**_given(source, account_ids, on), **sight.given()})
        for account, unit, revenue, weighted, unpriced in cursor.fetchall():
            found[account][unit] = UnitSums(int(revenue), int(weighted), int(unpriced))
    return found


# Every potential of the accounts with the facts of its unit and product; what a line is of says the line, not its deal.
_FACTS = """
SELECT p.id, 0 AS kind, p.currency_id AS currency, %(as_of)s::date AS rate_on, p.amount
  FROM revenue_potential p WHERE p.account_id = ANY (%(accounts)s::bigint[]) AND p.amount IS NOT NULL
UNION ALL
SELECT p.id, 1, f.currency_id, f.date, f.amount
  FROM revenue_potential p
  JOIN revenue_revenueentry f ON f.account_id = p.account_id AND COALESCE(f.org_unit_id, 0) = p.org_unit_id
       AND f.month BETWEEN %(since)s AND %(until)s
 WHERE p.account_id = ANY (%(accounts)s::bigint[]) AND f.product_id = p.product_id AND f.kind = 'recognised'
UNION ALL
SELECT p.id, 2, f.currency_id, %(as_of)s::date, CASE WHEN l.id IS NULL THEN f.amount ELSE l.amount END
  FROM pipeline_opportunity f
  JOIN pipeline_stage s ON s.code = f.stage_id AND s.outcome = 'open'
       AND COALESCE(NULLIF(f.forecast_category, ''), s.forecast_category) <> 'omitted'
  LEFT JOIN pipeline_opportunityline l ON l.opportunity_id = f.id
  JOIN revenue_potential p ON p.account_id = f.account_id
       AND p.org_unit_id = CASE WHEN l.id IS NULL THEN f.org_unit_id ELSE l.org_unit_id END
       AND p.product_id = CASE WHEN l.id IS NULL THEN f.product_id ELSE l.product_id END
 WHERE f.account_id = ANY (%(accounts)s::bigint[])"""

_PRODUCTS = f"""
WITH {formulas.quote_ctes(_FACTS, kept=True, lenses=ONE_LENS)},
priced AS (
    SELECT f.id, f.kind, sum(money_half_even(f.amount, q.numerator, q.denominator)) AS minor
      FROM facts f JOIN quotes q ON q.currency = f.currency AND q.rate_on = f.rate_on GROUP BY f.id, f.kind)
SELECT p.account_id, p.org_unit_id, p.product_id, min(x.minor) FILTER (WHERE x.kind = 0),
       COALESCE(min(x.minor) FILTER (WHERE x.kind = 1), 0), COALESCE(min(x.minor) FILTER (WHERE x.kind = 2), 0)
  FROM revenue_potential p LEFT JOIN priced x ON x.id = p.id
 WHERE p.account_id = ANY (%(accounts)s::bigint[])
 GROUP BY p.id, p.account_id, p.org_unit_id, p.product_id ORDER BY p.id"""


def products_of_units(*, sight: Sight, account_ids: Collection[int], on: dt.date) -> list[UnitProduct]:
    """Every unit and product with a potential, of the accounts that are seen whole: potentials are theirs alone."""
    whole = [account for account in account_ids if sight.sees_whole(account)]
    if not whole:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_PRODUCTS, _given(_source(on), whole, on))
        return [
            UnitProduct(
                account, unit, product, None if potential is None else int(potential), int(revenue), int(pending)
            )
            for account, unit, product, potential, revenue, pending in cursor.fetchall()
        ]
