"""Reading the facts under a figure. A page is found by key first; only its own facts are named and priced.

Which months a page can lie in is known from the cells, so that of a node with very many facts only those months are read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from django.db import connection

from core import months
from money.conversion import months_back
from money.models import SPOT
from rollups import fact_rows, share_formulas
from rollups import formulas as f
from rollups.framing import Frame
from rollups.measures import PIPELINE_KEYS, REVENUE_KINDS, Domain, Measure
from rollups.priced import Native, minors
from rollups.proof import COUNTS, NO_AMOUNT, NO_RATE, OMITTED, Leg, Price
from rollups.proof_cursors import Cursor, Key
from rollups.proof_ground import Ground
from rollups.source import ONE_LENS

_MEASURES = {name: measure for measure, name in PIPELINE_KEYS.items()}
_OUTCOMES = {"open": Measure.OPEN, "won": Measure.WON, "lost": Measure.LOST}
_ALL = "SELECT 100::numeric AS percent"
_OVERLAY = """SELECT sum(o.percent) AS percent FROM pipeline_opportunitysplit o
 WHERE o.opportunity_id = w.id AND o.type = 'overlay' AND o.percent > 0"""
# Nobody with a prime share: the owner has the whole, or nobody.
_PRIME = """SELECT CASE WHEN EXISTS (SELECT FROM pipeline_opportunitysplit o WHERE o.opportunity_id = w.id AND o.type = 'prime')
       THEN (SELECT o.percent FROM pipeline_opportunitysplit o
              WHERE o.opportunity_id = w.id AND o.type = 'prime' AND o.percent > 0 AND o.member_id = %(member)s)
       WHEN COALESCE(w.owner_id, 0) = %(member)s THEN 100 END AS percent"""
# A counted deal: what of it lies here, once.
_DEALS = """
SELECT 'opportunity' AS kind, id, 0 AS line, min(split_part(external_id, '/', 1)) AS external_id, account_id,
       CASE WHEN min(org_unit_id) = max(org_unit_id) THEN min(org_unit_id) ELSE 0 END AS org_unit_id,
       CASE WHEN min(country) = max(country) THEN min(country) ELSE '' END AS country,
       CASE WHEN min(product_id) = max(product_id) THEN min(product_id) END AS product_id, month, measure, currency,
       own_date, rate_on, sum(amount) AS amount, stage, probability, owner_id, is_omitted, percent
  FROM ({lines}) l GROUP BY id, account_id, month, measure, currency, own_date, rate_on, stage, probability, owner_id,
       is_omitted, percent
"""


class FactRow(NamedTuple):
    """A fact as read: the columns of `fact_rows`, its share, and names."""

    kind: str
    id: int
    line: int
    external_id: str
    country: str
    own_date: dt.date
    rate_on: dt.date
    amount: Decimal | None
    currency: str
    stage: str | None
    probability: Decimal | None
    percent: Decimal
    account: str
    account_name: str
    org_unit: str | None
    org_unit_name: str | None
    product: str | None
    product_name: str | None
    stage_name: str | None

    @property
    def key(self) -> Key:
        return self.own_date, self.id, self.line


@dataclass(frozen=True)
class Reader:
    """The facts of one measure on a ground, in the reader's sight, under the frame's lens. Used inside one snapshot."""

    frame: Frame
    ground: Ground
    measure: str

    @property
    def outcome(self) -> str:
        """Of a measure that counts deals, which."""
        return COUNTS.get(self.measure, "")

    @property
    def code(self) -> int:
        """The measure as cells store it; of counted deals that of their money."""
        if self.outcome:
            return int(_OUTCOMES[self.outcome])
        if self.measure == "revenue":
            return int(REVENUE_KINDS[self.frame.lens.revenue_kind])
        return int(_MEASURES[self.measure])

    @property
    def domain(self) -> Domain:
        return fact_rows.domain_of(self.code)

    @property
    def value(self) -> str:
        """SQL: the native amount of a whole line that is priced."""
        return "w.amount * w.probability * 0.01" if self.code == Measure.WEIGHTED else "w.amount"

    @property
    def is_shared(self) -> bool:
        """Whether a line adds a part of itself."""
        return self.frame.lens.is_overlay or self.ground.member_id is not None

    def given(self, span: tuple[int, int] | None = None) -> dict[str, Any]:
        first, last = span or (self.frame.lens.first, self.frame.lens.last)
        countries = self.ground.countries
        return {
            **self.frame.source.given(),
            **self.frame.sight.given(),
            **self.ground.given(),
            "of_measure": int(Measure.OPEN) if self.code == Measure.WEIGHTED else self.code,
            "first": first,
            "last": last,
            "first_day": months.first_day(first),
            "last_day": months.last_day(last),
            "near": None if countries is None else [*countries, *([""] if "ZZ" in countries else [])],
        }

    def text(self, *, reason: str = "") -> str:
        """Rows on the ground with `percent`: what is money in the figure or has no rate; or what is left out for `reason`."""
        near = "f.close_date BETWEEN %(first_day)s AND %(last_day)s"
        if self.domain is Domain.REVENUE:
            near = "f.country = ANY (%(near)s)" if self.ground.countries is not None else ""
        lines = (
            f"SELECT w.*, h.percent FROM ({fact_rows.rows(self.domain, where=near)}) w CROSS JOIN LATERAL ({self._share()}) h "
            f"WHERE h.percent IS NOT NULL AND w.measure = %(of_measure)s AND {self._condition(reason)} "
            f"AND {self.frame.sight.of_account('w')} AND {self.ground.condition('w')}"
        )
        return _DEALS.format(lines=lines) if self.outcome and reason != OMITTED else lines

    def _share(self) -> str:
        if not self.is_shared:
            return _ALL
        if not self.frame.lens.is_overlay:
            return _PRIME
        return _OVERLAY + (" AND o.member_id = %(member)s" if self.ground.member_id is not None else "")

    def _condition(self, reason: str) -> str:
        if reason == OMITTED:
            return "w.is_omitted"
        if reason == NO_AMOUNT:
            return "w.amount IS NULL AND NOT w.is_omitted"
        return "NOT w.is_omitted" if self.outcome else fact_rows.IS_FACT

    def page(
        self, *, cursor: Cursor | None, limit: int, reason: str, in_month: Mapping[int, int] | None, has_unpriced: bool
    ) -> list[FactRow]:
        """The next `limit` rows, the latest first (of a cursor that points back, the earliest). `in_month`: how many there
        are, if the cells know."""
        lens = self.frame.lens
        span = _span(cursor, limit, in_month, lens.first, lens.last)
        found = self._page(cursor, limit, reason, span, has_unpriced)
        if len(found) < limit and span != (lens.first, lens.last):  # cells that lag behind the facts
            return self._page(cursor, limit, reason, (lens.first, lens.last), has_unpriced)
        return found

    def _page(
        self, cursor: Cursor | None, limit: int, reason: str, span: tuple[int, int], has_unpriced: bool
    ) -> list[FactRow]:
        backwards = cursor is not None and cursor.backwards
        side, direction = (">", "ASC") if backwards else ("<", "DESC")
        order = ", ".join(f"{{0}}.{column} {direction}" for column in fact_rows.KEY)
        beyond = "true"
        if cursor is not None:
            beyond = f"x.own_date {side}= %(on)s AND (x.own_date, x.id, x.line) {side} (%(on)s, %(id)s, %(line)s)"
        with_, priced = "", f"({self.text(reason=reason)}) x"
        if has_unpriced:
            facts = f"facts AS MATERIALIZED ({self.text(reason=reason)})"
            with_ = f"WITH {facts}, quotes AS MATERIALIZED ({f.quotes(ONE_LENS)})"
            has = "IS NULL" if reason == NO_RATE else "IS NOT NULL"
            priced = (
                "(SELECT facts.* FROM facts JOIN quotes q ON q.currency = facts.currency AND q.rate_on = facts.rate_on "
                f"WHERE q.numerator {has}) x"
            )
        statement = f"""
{with_} SELECT w.kind, w.id, w.line, w.external_id, w.country, w.own_date, w.rate_on, w.amount, w.currency, w.stage,
       w.probability, w.percent, a.code, a.name, u.code, u.name, p.code, p.name, s.name
  FROM (SELECT * FROM {priced} WHERE {beyond} ORDER BY {order.format("x")} LIMIT %(limit)s) w
  JOIN accounts_account a ON a.id = w.account_id
  LEFT JOIN accounts_orgunit u ON u.id = NULLIF(w.org_unit_id, 0)
  LEFT JOIN revenue_product p ON p.id = w.product_id
  LEFT JOIN pipeline_stage s ON s.code = w.stage
 ORDER BY {order.format("w")}"""
        given = {**self.given(span), "limit": limit}
        if cursor is not None:
            given |= {"on": cursor.key[0], "id": cursor.key[1], "line": cursor.key[2]}
        with connection.cursor() as sql:
            sql.execute(statement, given)
            return [FactRow(*row) for row in sql.fetchall()]

    def minors(self, rows: Sequence[FactRow]) -> list[int | None]:
        """What each row adds to the figure in minor units of its goal."""
        if self.outcome or not rows:
            return [None] * len(rows)
        return self._parts(rows) if self.is_shared else self._wholes(rows)

    def _wholes(self, rows: Sequence[FactRow]) -> list[int | None]:
        values = [_weighted(row) if self.code == Measure.WEIGHTED else row.amount for row in rows]
        pairs = zip(rows, values, strict=True)
        natives = [Native(row.currency, row.rate_on, value) for row, value in pairs if value is not None]
        found = iter(minors(natives, self.given()))
        return [None if value is None else next(found) for value in values]

    def _parts(self, rows: Sequence[FactRow]) -> list[int | None]:
        """Shares depend on all lines of a deal and on all who have one, so whole deals are shared out again."""
        of_member = "AND member_id = %(member)s" if self.ground.member_id is not None else ""
        deals = "JOIN unnest(%(deals)s::bigint[]) a (id) ON a.id = f.id"
        statement = (
            f"WITH {share_formulas.live_ctes(deals, lenses=ONE_LENS)} SELECT deal, line, sum(minor[1]) FROM parts "
            f"WHERE book = %(book)s AND measure = %(shared)s {of_member} GROUP BY deal, line"
        )
        given = {**self.given(), "deals": sorted({row.id for row in rows}), "shared": self.code}
        with connection.cursor() as sql:
            sql.execute(statement, given)
            found = {(deal, line): minor for deal, line, minor in sql.fetchall()}
        minors = (found.get((row.id, row.line)) for row in rows)
        return [None if minor is None else int(minor) for minor in minors]

    def prices(self, rows: Iterable[FactRow]) -> dict[tuple[str, dt.date], Price]:
        """The price of each currency and rate date, with its legs; absent where a rate is missing."""
        lens = self.frame.lens
        pairs = sorted({(row.currency, row.rate_on) for row in rows})
        here = {pair: Price(Fraction(1), ()) for pair in pairs if lens.is_native or pair[0] == lens.currency}
        abroad = [pair for pair in pairs if pair not in here]
        if abroad and not self.outcome:
            here |= _prices(abroad, self.given(), back=months_back(lens.rates))
        return here


_LEGS = """
SELECT p.currency, p.rate_on, side.code, s.code, s.base_id, l.rate, l.days, l.dated,
       (SELECT max(e.pgh_created_at) FROM money_exchangerateevent e
         WHERE e.pgh_label = 'update' AND e.rate_set_id = s.code AND e.currency_id = side.code
           AND e.date BETWEEN l.dated AND CASE WHEN %(back)s::int IS NULL THEN l.dated ELSE
               (date_trunc('month', l.dated::timestamp) + interval '1 month')::date - 1 END)
  FROM unnest(%(currencies)s::text[], %(days)s::date[]) p (currency, rate_on)
  JOIN money_rateset s ON s.code = CASE WHEN %(back)s::int IS NULL THEN %(lens_rates)s ELSE 'spot' END
 CROSS JOIN LATERAL (VALUES (1, p.currency), (2, %(lens_currency)s)) side (at, code)
 CROSS JOIN LATERAL money_leg(%(lens_rates)s, s.base_id, side.code, p.rate_on,
                              CASE WHEN %(lens_rates)s = 'spot' THEN %(max_age)s END) l
 ORDER BY p.currency, p.rate_on, side.at
"""


def _prices(
    pairs: Sequence[tuple[str, dt.date]], given: Mapping[str, Any], *, back: int | None
) -> dict[tuple[str, dt.date], Price]:
    more: dict[str, Any] = {
        "currencies": [pair[0] for pair in pairs],
        "days": [pair[1] for pair in pairs],
        "back": back,
    }
    legs: dict[tuple[str, dt.date], list[Leg]] = {}
    with connection.cursor() as sql:
        sql.execute(_LEGS, {**given, **more})
        for currency, rate_on, code, rate_set, base, total, days, dated, corrected_at in sql.fetchall():
            month = None if back is None or code == base else months.month_of(rate_on) - back
            date = dated if month is None else None
            leg = Leg(code, base, rate_set, total, days, date, month, corrected_at)
            legs.setdefault((currency, rate_on), []).append(leg)
    return {
        pair: Price(Fraction(goal.total) * source.days / (Fraction(source.total) * goal.days), (source, goal))
        for pair, (source, goal) in ((pair, found) for pair, found in legs.items() if len(found) == 2)
    }


def _weighted(row: FactRow) -> Decimal:
    """Exact: at most four decimals of the amount and two of the percentage."""
    assert row.amount is not None
    assert row.probability is not None
    value = Fraction(row.amount) * Fraction(row.probability) / 100
    return Decimal(f"{int(value * 10**8)}E-8")


def _span(
    cursor: Cursor | None, limit: int, in_month: Mapping[int, int] | None, first: int, last: int
) -> tuple[int, int]:
    """The months that hold the next `limit` rows, by how many each has."""
    if in_month is None:
        return first, last
    backwards = cursor is not None and cursor.backwards
    start = months.month_of(cursor.key[0]) if cursor is not None else last
    start = min(max(start, first), last)
    # Of the month in which the cursor stands nobody knows how many are left.
    left = limit
    month = start
    if cursor is None:
        left -= in_month.get(start, 0)
    while left > 0 and first < month and not backwards:
        month -= 1
        left -= in_month.get(month, 0)
    while left > 0 and month < last and backwards:
        month += 1
        left -= in_month.get(month, 0)
    return (start, month) if backwards else (month, start)


def is_provisional(frame: Frame, row: FactRow, outcome_is_open: bool) -> bool:
    """Whether a closed fact is dated after the last published rates and will be priced again."""
    lens = frame.lens
    foreign = not lens.is_native and row.currency != lens.currency and lens.rates == SPOT
    return bool(foreign and not outcome_is_open and frame.published and row.own_date > frame.published)
