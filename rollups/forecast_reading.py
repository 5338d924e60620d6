"""The lines of a forecast and where they lie, read from the facts: open deals by category and what was won. Pure text but for the
two functions that read.

A line counts once at a node however many members share it: regions are read from the lines, members from their shares.
"""

from __future__ import annotations

from collections import defaultdict

from django.db import connection

from rollups import formulas as f
from rollups import share_formulas
from rollups.forecast_categories import CATEGORY_SQL, Category
from rollups.framing import Frame
from rollups.measures import Domain
from rollups.reading import grouped_rows
from rollups.source import ONE_LENS
from rollups.tally import Deals, Row

# Open as it is, without its weighted twin; and what was won.
_MEASURES = "m.measure IN (4, 6)"
_CATEGORY = CATEGORY_SQL.format(outcome="s.outcome", own="d.forecast_category", stage="s.forecast_category")
_DEAL = "JOIN pipeline_opportunity d ON d.id = {0}.deal JOIN pipeline_stage s ON s.code = d.stage_id"
_SPAN = "JOIN (SELECT %(first)s::int AS first, %(last)s::int AS last) span ON f.month BETWEEN span.first AND span.last"

_LINES = f"""(
WITH facts AS MATERIALIZED ({{facts}}), quotes AS MATERIALIZED ({f.quotes(ONE_LENS)})
SELECT x.deal, x.line, x.account_id, x.country, x.month, {_CATEGORY} AS measure, x.currency, x.amount AS native,
       COALESCE(money_half_even(x.amount, q.numerator, q.denominator), 0) AS minor,
       CASE WHEN q.numerator IS NULL THEN 1 ELSE 0 END AS unpriced_facts,
       CASE WHEN q.numerator IS NULL THEN x.amount ELSE 0 END AS unpriced_native, q.oldest AS oldest_rate,
       CASE WHEN q.is_foreign AND q.numerator IS NOT NULL THEN x.own_date END AS newest_priced, 0 AS run
  FROM facts x JOIN quotes q ON q.currency = x.currency AND q.rate_on = x.rate_on {_DEAL.format("x")})"""


def _shares(*, counted: str) -> str:
    """Whole deals are shared out: a share depends on all lines and on all who have one. `counted`: the rows that count as a
    line without a price."""
    return f"""(
WITH {share_formulas.live_ctes(_SPAN, lenses=ONE_LENS)}
SELECT x.deal, x.line, x.member_id, x.account_id, x.country, x.month, {_CATEGORY} AS measure, x.currency, x.native,
       COALESCE(x.minor[1], 0) AS minor, CASE WHEN x.minor[1] IS NULL AND {counted} THEN 1 ELSE 0 END AS unpriced_facts,
       CASE WHEN x.minor[1] IS NULL THEN x.native ELSE 0 END AS unpriced_native, x.oldest[1] AS oldest_rate,
       x.priced_on AS newest_priced, 0 AS run
  FROM parts x {_DEAL.format("x")} WHERE x.book = %(book)s AND x.measure IN (4, 6))"""


# Where each deal lies; a deal without an amount too: it is counted and adds no money.
_PLACES = f"""
SELECT d.id AS deal, d.account_id, d.month, {_CATEGORY} AS measure,
       COALESCE(NULLIF(CASE WHEN l.id IS NULL THEN d.country ELSE l.country END, ''), 'ZZ') AS country
  FROM pipeline_opportunity d JOIN pipeline_stage s ON s.code = d.stage_id
  LEFT JOIN pipeline_opportunityline l ON l.opportunity_id = d.id
 WHERE d.month BETWEEN %(first)s AND %(last)s AND s.outcome <> 'lost'
   AND NOT (s.outcome = 'open' AND COALESCE(NULLIF(d.forecast_category, ''), s.forecast_category) = 'omitted')"""


def shared_lines() -> str:
    """A FROM item: members' parts of lines in the lens's book."""
    return _shares(counted="true")


def lines(frame: Frame) -> str:
    """A FROM item: the lines of the lens's months in its book, whoever shares them, with their category as `measure`."""
    if frame.lens.is_overlay:
        return _shares(counted="x.is_first")
    facts = f.facts(Domain.DEALS, where=f"f.month BETWEEN %(first)s AND %(last)s AND {_MEASURES}", with_lines=True)
    return _LINES.format(facts=facts)


def rows_by_country(frame: Frame) -> list[Row]:
    """What the reader sees, by country, month and category."""
    seen = f"(SELECT * FROM {lines(frame)} y WHERE {frame.sight.of_account('y')})"
    return [row for _, row in grouped_rows(frame.source, frame.sight, seen, ("country",), ())]


def rows_by_member(frame: Frame) -> list[Row]:
    """Shares of what the reader sees, by member (0: nobody's), month and category."""
    seen = f"(SELECT * FROM {shared_lines()} y WHERE {frame.sight.of_account('y')})"
    return [row for _, row in grouped_rows(frame.source, frame.sight, seen, ("member_id",), ())]


def deals_by_country(frame: Frame) -> list[Deals]:
    """Distinct deals by category and the countries where the reader sees them."""
    return _deals(frame, "x.country::text", "")


def deals_by_member(frame: Frame) -> list[Deals]:
    """Distinct deals by category and the members who share them."""
    holders = share_formulas.holders_cte(_SPAN)
    return _deals(
        frame, "h.member_id", "JOIN holders h ON h.deal = x.deal AND h.book = %(book)s", with_=f"WITH {holders}"
    )


def _deals(frame: Frame, place: str, join: str, *, with_: str = "") -> list[Deals]:
    if frame.lens.is_overlay and not join:
        join = "JOIN pipeline_opportunitysplit o ON o.opportunity_id = x.deal AND o.type = 'overlay' AND o.percent > 0"
    statement = f"""{with_}
SELECT month, measure, places, count(*)::int
  FROM (SELECT x.deal, x.month, x.measure, array_agg(DISTINCT {place}) AS places FROM ({_PLACES}) x {join}
         WHERE {frame.sight.of_account("x")} GROUP BY x.deal, x.month, x.measure) deal
 GROUP BY month, measure, places"""
    with connection.cursor() as cursor:
        cursor.execute(statement, {**frame.source.given(), **frame.sight.given()})
        return [Deals(month, Category(category).key, tuple(at), n) for month, category, at, n in cursor.fetchall()]


def native_by_place(frame: Frame, *, by_member: bool) -> dict[tuple[object, int, int], dict[str, str]]:
    """Exact native sums of everything the frame sees, by place, month and category: what a judgement was made against, which
    no rate moves."""
    rows = shared_lines() if by_member else lines(frame)
    place = "member_id" if by_member else "country"
    statement = f"""
SELECT y.{place}, y.month, y.measure, y.currency, trim_scale(sum(y.native)) FROM {rows} y
 WHERE {frame.sight.of_account("y")} GROUP BY 1, 2, 3, 4"""
    found: dict[tuple[object, int, int], dict[str, str]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(statement, {**frame.source.given(), **frame.sight.given()})
        for at, month, category, currency, native in cursor.fetchall():
            found[at, month, category][currency] = f"{native:f}"
    return found
