"""What some deals come to in a reporting currency: sums of their lines in the reader's sight, each converted once.

Meant for lists and boards, whose deals no cell holds together. Amounts are minor units of the currency at spot; what has no
rate is counted and adds nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from accounts.models import Structure
from core import months
from money.models import SPOT
from money.queries import reporting_currencies
from rollups import fact_rows, formulas
from rollups.lens import Lens
from rollups.measures import Domain
from rollups.sight import Sight
from rollups.source import ONE_LENS, source_of

ANY_MONTH = (months.month_of(dt.date.min), months.month_of(dt.date.max))


@dataclass(frozen=True)
class DealSum:
    """Some deals together. `omitted` deals are in no amount and not among `deals`; `unknown` have no amount, `unpriced` lines
    no rate. `weighted` is of open deals."""

    deals: int = 0
    amount: int = 0
    weighted: int = 0
    omitted: int = 0
    unknown: int = 0
    unpriced: int = 0


def _statement(deals: str, sight: Sight, by: str) -> str:
    rows = fact_rows.rows(Domain.DEALS, where=f"f.id IN ({deals})")
    facts = f"SELECT w.*, w.{by} AS part FROM ({rows}) w WHERE {sight.of_account('w')}"
    priced = "money_half_even({}, q.numerator, q.denominator)"
    amount, weighted = priced.format("f.amount"), priced.format("f.amount * f.probability * 0.01")
    kept = "FILTER (WHERE NOT f.is_omitted)"
    return f"""
WITH {formulas.quote_ctes(facts, kept=True, lenses=ONE_LENS)}
SELECT f.part, count(DISTINCT f.id) {kept}, COALESCE(sum({amount}) {kept}, 0), COALESCE(sum({weighted}) {kept}, 0),
       count(DISTINCT f.id) FILTER (WHERE f.is_omitted),
       count(DISTINCT f.id) FILTER (WHERE NOT f.is_omitted AND f.amount IS NULL),
       count(*) FILTER (WHERE NOT f.is_omitted AND f.amount IS NOT NULL AND q.numerator IS NULL)
  FROM facts f LEFT JOIN quotes q ON q.currency = f.currency AND q.rate_on = f.rate_on
 GROUP BY f.part"""


def _summed(
    deals: str, given: dict[str, Any], *, sight: Sight, currency: str, on: dt.date, by: str
) -> dict[Any, DealSum]:
    first, last = ANY_MONTH
    lens = Lens(first, last, currency, SPOT, "then", "prime", "recognised", on, Structure.LEGAL.value)
    values = {**source_of(lens).given(), **sight.given(), **given}
    with connection.cursor() as cursor:
        cursor.execute(_statement(deals, sight, by), values)
        return {
            part: DealSum(deals, int(amount), int(weighted), *rest)
            for part, deals, amount, weighted, *rest in cursor.fetchall()
        }


def sums_by_stage(deals: QuerySet[Any], *, sight: Sight, on: dt.date, currency: str = "") -> dict[str, DealSum]:
    """`deals` added up by their stage; open ones are priced on `on`. A stage without a deal is absent."""
    try:
        sql, params = deals.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return {}
    named, values = _named(sql, params)
    currency = currency or reporting_currencies()[0]
    return _summed(named, values, sight=sight, currency=currency, on=on, by="stage")


def sums_of_deals(ids: Collection[int], *, sight: Sight, on: dt.date, currency: str = "") -> dict[int, DealSum]:
    """Each of some deals by itself, in one statement."""
    if not ids:
        return {}
    currency = currency or reporting_currencies()[0]
    of = "SELECT unnest(%(deals)s::bigint[])"
    return _summed(of, {"deals": list(ids)}, sight=sight, currency=currency, on=on, by="id")


def _named(sql: str, params: Collection[Any]) -> tuple[str, dict[str, Any]]:
    """A statement of Django's with names for its places, so that it can stand within one of ours."""
    pieces = sql.split("%s")
    names = [f"deals_{at}" for at in range(len(pieces) - 1)]
    text = pieces[0] + "".join(f"%({name})s{piece}" for name, piece in zip(names, pieces[1:], strict=True))
    return text, dict(zip(names, params, strict=True))


@dataclass(frozen=True)
class StageEffect:
    """What other terms of an open stage do to its open deals. `following` have no probability of their own; `before` and
    `after` are what all deals of the stage weigh, in minor units; `unpriced` lines are in neither."""

    deals: int
    following: int
    before: int
    after: int
    unpriced: int
    currency: str

    @property
    def difference(self) -> int:
        return self.after - self.before


_EFFECT = """
WITH {ctes}
SELECT count(DISTINCT f.id), count(DISTINCT f.id) FILTER (WHERE f.own IS NULL),
       COALESCE(sum({before}) FILTER (WHERE f.category <> 'omitted'), 0),
       COALESCE(sum({after}) FILTER (WHERE f.becomes <> 'omitted'), 0),
       count(*) FILTER (WHERE f.amount IS NOT NULL AND q.numerator IS NULL)
  FROM facts f LEFT JOIN quotes q ON q.currency = f.currency AND q.rate_on = f.rate_on"""


def stage_effect(*, sight: Sight, stage: str, probability: Decimal, category: str, on: dt.date) -> StageEffect:
    """The deals of an open stage in the reader's sight, weighed as it stands and as it would be."""
    currency = reporting_currencies()[0]
    first, last = ANY_MONTH
    lens = Lens(first, last, currency, SPOT, "then", "prime", "recognised", on, Structure.LEGAL.value)
    rows = fact_rows.rows(Domain.DEALS, where="s.outcome = 'open' AND f.stage_id = %(of_stage)s")
    facts = f"""SELECT w.*, o.probability AS own,
        COALESCE(NULLIF(o.forecast_category, ''), s.forecast_category) AS category,
        COALESCE(NULLIF(o.forecast_category, ''), %(category)s) AS becomes
        FROM ({rows}) w JOIN pipeline_opportunity o ON o.id = w.id JOIN pipeline_stage s ON s.code = o.stage_id
       WHERE {sight.of_account("w")}"""
    weighed = "money_half_even(f.amount * {} * 0.01, q.numerator, q.denominator)"
    statement = _EFFECT.format(
        ctes=formulas.quote_ctes(facts, kept=True, lenses=ONE_LENS),
        before=weighed.format("f.probability"),
        after=weighed.format("COALESCE(f.own, %(probability)s)"),
    )
    values: dict[str, Any] = {"of_stage": stage, "probability": probability, "category": category}
    with connection.cursor() as cursor:
        cursor.execute(statement, {**source_of(lens).given(), **sight.given(), **values})
        deals, following, before, after, unpriced = cursor.fetchone()
    return StageEffect(deals, following, int(before), int(after), unpriced, currency)
