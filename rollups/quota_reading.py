"""What came beside quotas: priced sums by place and month, and by day for months that are read in part. A fixed number of
statements for all quotas of one scope and currency, whatever the number of quotas.

A quota's currency need be no reporting currency: every fact is converted into it by the one conversion, once. Whole months come
from the cells where they hold that currency, else from the facts (`rollups.source`).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from accounts.models import Structure
from core import months
from money.models import SPOT
from revenue.models import QuotaScope
from rollups import fact_rows, share_formulas
from rollups import formulas as f
from rollups.lens import Lens
from rollups.measures import Domain, Measure
from rollups.reading import grouped_rows, rows_by_country
from rollups.share_source import DEALS_OF_MEMBERS
from rollups.sight import Sight
from rollups.source import ONE_LENS, Source, source_of
from rollups.tally import Row

PLACES = {
    QuotaScope.REGION: "country",
    QuotaScope.ACCOUNT: "account_id",
    QuotaScope.MEMBER: "member_id",
    QuotaScope.PRODUCT: "product_id",
}
"""What facts are told apart by, for each scope of a quota."""


@dataclass(frozen=True)
class QuotaLens(Lens):
    """A lens of what quotas are about, and of no other measure: revenue recognised, won, open pipeline."""

    @property
    def keys(self) -> dict[int, str]:
        deals = {int(Measure.WON): "won", int(Measure.OPEN): "pipeline_open"}
        return deals if self.is_overlay else {int(Measure.RECOGNISED): "revenue", **deals}


def quota_lens(span: range, currency: str, book: str, as_of: dt.date) -> QuotaLens:
    """Facts as reported, where they lay at the end of their month, in the currency of a quota."""
    return QuotaLens(span[0], span[-1], currency, SPOT, "then", book, "recognised", as_of, Structure.LEGAL.value)


@dataclass(frozen=True)
class Ledger:
    """Rows by place and month, and by place and day in the months of `cut`."""

    cut: frozenset[int]
    months: Mapping[tuple[Hashable, int], Sequence[Row]] = field(default_factory=dict)
    days: Mapping[tuple[Hashable, int], Sequence[tuple[dt.date, Row]]] = field(default_factory=dict)

    def whole(self, places: Iterable[Hashable], month: int) -> list[Row]:
        """All rows of a month."""
        if month in self.cut:
            return [row for place in places for _day, row in self.days.get((place, month), ())]
        return [row for place in places for row in self.months.get((place, month), ())]

    def part(self, places: Iterable[Hashable], since: dt.date, until: dt.date) -> list[Row]:
        """The rows of the days `[since, until)`, which lie in one month of `cut`."""
        month = months.month_of(since)
        return [row for place in places for day, row in self.days.get((place, month), ()) if since <= day < until]


def read(scope: QuotaScope, lens: QuotaLens, sight: Sight, ids: Collection[int], cut: Collection[int]) -> Ledger:
    """What `sight` holds in the months of the lens, of the accounts, members or products `ids`. `cut`: months by the day."""
    source = source_of(lens)
    by_day = frozenset(lens.months if scope == QuotaScope.PRODUCT else cut)
    reader = _Reader(scope, source, sight, list(ids))
    found: dict[tuple[Hashable, int], list[Row]] = defaultdict(list)
    for row in reader.by_month() if set(lens.months) - by_day else ():
        found[row.place, row.month].append(row)
    days: dict[tuple[Hashable, int], list[tuple[dt.date, Row]]] = defaultdict(list)
    for day, row in reader.by_day(sorted(by_day)):
        days[row.place, row.month].append((day, row))
    return Ledger(by_day, found, days)


@dataclass(frozen=True)
class _Reader:
    scope: QuotaScope
    source: Source
    sight: Sight
    ids: list[int]

    @property
    def place(self) -> str:
        return PLACES[self.scope]

    @property
    def _given(self) -> dict[str, Any]:
        return {**self.source.given(), **self.sight.given(), "ids": self.ids, "accounts": self.ids}

    def by_month(self) -> list[Row]:
        """From cells; products have none."""
        if self.scope == QuotaScope.REGION:
            return rows_by_country(self.source, self.sight)
        if self.scope == QuotaScope.ACCOUNT:
            cells = f"{self.source.cells('account', of_accounts=True)} c"
        else:
            cells = f"{self.source.member_cells(of_members=True)} c"
        mine = (
            f"(SELECT * FROM {cells} WHERE {self.sight.of_account('c')} AND c.{self.place} = ANY (%(ids)s::bigint[]))"
        )
        return [
            row for _, row in grouped_rows(self.source, self.sight, mine, (self.place,), self.ids, {"ids": self.ids})
        ]

    def by_day(self, cut: list[int]) -> list[tuple[dt.date, Row]]:
        """From the facts."""
        if not cut:
            return []
        is_shared = self.source.lens.is_overlay or self.scope == QuotaScope.MEMBER
        given = {**self._given, "cut": cut, "measures": list(self.source.lens.keys)}
        with connection.cursor() as cursor:
            cursor.execute(self._of_shares() if is_shared else self._of_facts(), given)
            rows = cursor.fetchall()
        return [
            (day, Row(place, months.month_of(day), measure, currency, minor, facts, native, oldest, None, 0))
            for place, day, measure, currency, minor, facts, native, oldest in rows
        ]

    def _narrowed(self, place: str) -> str:
        return "true" if self.scope == QuotaScope.REGION else f"{place} = ANY (%(ids)s::bigint[])"

    def _of_facts(self) -> str:
        """Facts by their own day, each converted once."""
        lines = " UNION ALL ".join(f"({fact_rows.rows(domain, where='f.month = ANY (%(cut)s)')})" for domain in Domain)
        return f"""
WITH facts AS MATERIALIZED (
    SELECT w.* FROM ({lines}) w
     WHERE {fact_rows.IS_FACT} AND w.measure = ANY (%(measures)s) AND {self.sight.of_account("w")}
       AND {self._narrowed(f"w.{self.place}")}),
quotes AS MATERIALIZED ({f.quotes(ONE_LENS)})
SELECT x.{self.place}, x.own_date, x.measure, CASE WHEN q.numerator IS NULL THEN x.currency ELSE '' END,
       COALESCE(sum(money_half_even(x.amount, q.numerator, q.denominator)), 0),
       count(*) FILTER (WHERE q.numerator IS NULL), COALESCE(sum(x.amount) FILTER (WHERE q.numerator IS NULL), 0),
       min(q.oldest)
  FROM facts x JOIN quotes q ON q.currency = x.currency AND q.rate_on = x.rate_on GROUP BY 1, 2, 3, 4"""

    def _of_shares(self) -> str:
        """Members' parts of deals, which are shared out whole: of one member each, or wherever they lie."""
        cut = "JOIN (SELECT unnest(%(cut)s::int[]) AS month) cut ON cut.month = f.month"
        if self.scope == QuotaScope.MEMBER:
            cut += f" AND {DEALS_OF_MEMBERS}"
        place = _PRODUCT_OF_PART if self.scope == QuotaScope.PRODUCT else f"p.{self.place}"
        counted = "" if self.scope == QuotaScope.MEMBER else "AND p.is_first"
        return f"""
WITH {share_formulas.live_ctes(cut, lenses=ONE_LENS)}
SELECT {place}, o.close_date, p.measure, CASE WHEN p.minor[1] IS NULL THEN p.currency ELSE '' END,
       COALESCE(sum(p.minor[1]), 0), count(*) FILTER (WHERE p.minor[1] IS NULL {counted}),
       COALESCE(sum(p.native) FILTER (WHERE p.minor[1] IS NULL), 0), min(p.oldest[1])
  FROM parts p JOIN pipeline_opportunity o ON o.id = p.deal
  LEFT JOIN pipeline_opportunityline l ON l.opportunity_id = p.deal AND l.line = p.line
 WHERE p.book = %(book)s AND p.measure = ANY (%(measures)s) AND {self.sight.of_account("p")} AND {self._narrowed(place)}
 GROUP BY 1, 2, 3, 4"""


_PRODUCT_OF_PART = "CASE WHEN l.id IS NULL THEN o.product_id ELSE COALESCE(l.product_id, o.product_id) END"
