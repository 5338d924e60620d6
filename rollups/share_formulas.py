"""From deals to members' shares, as SQL text: `shares` on rows. Pure: no connection, no clock.

Parameters as in `formulas`. Everything starts from the deals that a join restricts by the alias `f`.
"""

from __future__ import annotations

from rollups import formulas as f
from rollups import pricing
from rollups.measures import ANY_MEMBER, NO_MEMBER, Domain
from rollups.shares import WHOLE

CELL_KEY = ("account_id", "month", "book", "measure", "member_id", "currency", "country", "org_unit_id")
COUNTS = ("facts", "lines")
VALUES = (
    *COUNTS,
    "native",
    "minor",
    "unpriced_facts",
    "unpriced_lines",
    "unpriced_native",
    "oldest_rate",
    "newest_priced",
)
DEALS_KEY = ("account_id", "month", "outcome", "book", "member_id", "org_unit_ids", "countries")
# Who has a share of each deal. Nobody with a prime share: the owner has the whole, or nobody. 0 % is no share. `upto` adds
# the points up by e-mail address, `is_first` marks the first of a book.
_HOLDERS = f"""
SELECT h.*, sum(points) OVER book AS upto, row_number() OVER book = 1 AS is_first
  FROM (SELECT s.opportunity_id AS deal, CASE s.type WHEN 'prime' THEN 1 ELSE 2 END AS book, s.member_id,
               m.email COLLATE "C" AS email, s.percent * 100 AS points
          FROM pipeline_opportunity f
          JOIN pipeline_opportunitysplit s ON s.opportunity_id = f.id AND s.percent > 0
          JOIN teams_member m ON m.id = s.member_id
               {{restrict}}
        UNION ALL
        SELECT f.id, 1, COALESCE(f.owner_id, {NO_MEMBER}), '', {WHOLE}
          FROM pipeline_opportunity f {{restrict}}
         WHERE NOT EXISTS (
               SELECT FROM pipeline_opportunitysplit s WHERE s.opportunity_id = f.id AND s.type = 'prime')) h
WINDOW book AS (PARTITION BY deal, book ORDER BY email)
"""


def _priced(width: int) -> str:
    """The lines in each slot's minor units (`minor`, null without a price), rounded once each, as cells are."""
    exact = "money_half_even(f.amount, q.numerators[{0}], q.denominators[{0}])"
    minor = pricing.array(width, lambda i: f"COALESCE({pricing.quick(i)}, {exact.format(i)})", "numeric")
    prices = ", ".join(f"prices[{i}] AS p{i}" for i in range(1, width + 1))
    return f"""
SELECT f.deal, f.line, f.account_id, f.month, f.measure, f.currency, f.country, f.org_unit_id, f.amount,
       CASE WHEN q.is_priced THEN f.own_date END AS priced_on, q.oldest, {minor} AS minor
  FROM (SELECT facts.*, amount::float8 AS approximate FROM facts OFFSET 0) f
  FULL JOIN (SELECT quotes.*, {prices} FROM quotes OFFSET 0) q ON q.currency = f.currency AND q.rate_on = f.rate_on
"""


def _met(one: str, other: str) -> str:
    """Of a full join, the rows that have both sides, said so that it stays one. A full join is never done by a nested loop,
    which the planner, who knows nothing of what CTEs hold, would choose for a batch of thousands of deals."""
    return f"COALESCE({one}, 0) <> 0 AND COALESCE({other}, 0) <> 0"


_PLACE = "p.account_id, p.month, h.book, p.measure, h.member_id, p.currency, p.country, p.org_unit_id"
_OF_A_PART = f"p.deal, p.line, {_PLACE}, h.is_first, p.amount * h.points * 0.0001 AS native, p.priced_on, p.oldest"

# Who has the whole of a deal has its lines as they are: most deals, and no order of lines or members matters.
_WHOLE_PARTS = f"""
SELECT {_OF_A_PART}, p.minor
  FROM priced p FULL JOIN (SELECT * FROM holders WHERE points = {WHOLE}) h ON h.deal = p.deal WHERE {_met("p.deal", "h.deal")}
"""

# The lines of shared deals, slot by slot, with the running sum up to each.
_RUNNING = f"""
SELECT p.deal, p.line, p.account_id, p.month, p.measure, p.currency, p.country, p.org_unit_id, p.amount, p.priced_on, p.oldest,
       x.slot, x.minor, sum(x.minor) OVER (deal_measure ORDER BY p.line) AS upto_line, sum(x.minor) OVER deal_measure AS total,
       p.line = max(p.line) OVER deal_measure AS is_last
  FROM priced p CROSS JOIN LATERAL unnest(p.minor) WITH ORDINALITY x (minor, slot)
 WHERE p.deal IN (SELECT deal FROM holders WHERE points < {WHOLE})
WINDOW deal_measure AS (PARTITION BY p.deal, p.measure, x.slot)
"""

_TOTALS = "(SELECT * FROM running WHERE is_last)"
_CUT = f"(SELECT * FROM holders WHERE points < {WHOLE} AND book = {{book}})"

# Each member's share of a deal's amount; beside it what members before her have, in points and in minor units: of prime
# shares all with a smaller address, of an overlay share nobody.
_SHARES = f"""
SELECT deal, measure, slot, book, member_id, is_first, points, upto - points AS points_before, upto AS points_upto,
       sum(share) OVER (amount ORDER BY email) - share AS share_before, sum(share) OVER (amount ORDER BY email) AS share_upto
  FROM (SELECT *, sign(total) * (base + CASE WHEN row_number() OVER (amount ORDER BY rest DESC, email)
                                                  <= abs(total) - sum(base) OVER amount THEN 1 ELSE 0 END) AS share
          FROM (SELECT t.deal, t.measure, t.slot, t.total, h.book, h.member_id, h.email, h.is_first, h.points, h.upto,
                       div(abs(t.total) * h.points, {WHOLE}) AS base, mod(abs(t.total) * h.points, {WHOLE}) AS rest
                  FROM {_TOTALS} t FULL JOIN {_CUT.format(book=1)} h ON h.deal = t.deal
                 WHERE {_met("t.deal", "h.deal")}) q
        WINDOW amount AS (PARTITION BY deal, measure, slot)) s
WINDOW amount AS (PARTITION BY deal, measure, slot)
UNION ALL
SELECT t.deal, t.measure, t.slot, h.book, h.member_id, h.is_first, h.points, 0, h.points,
       0, money_half_even(t.total, h.points, {WHOLE})
  FROM {_TOTALS} t FULL JOIN {_CUT.format(book=2)} h ON h.deal = t.deal WHERE {_met("t.deal", "h.deal")}
"""


def _corner(line: str, points: str, share: str = "") -> str:
    """Running sum of lines × running sum of points; in the last line the running sum of shares."""
    product = f"money_half_even({line}, {points}, {WHOLE})"
    return f"CASE WHEN p.is_last THEN {share} ELSE {product} END" if share else product


_CUT_PARTS = f"""
SELECT {_OF_A_PART},
       array_agg(({_corner("p.upto_line", "h.points_upto", "h.share_upto")})
                 - {_corner("p.upto_line - p.minor", "h.points_upto")}
                 - ({_corner("p.upto_line", "h.points_before", "h.share_before")})
                 + {_corner("p.upto_line - p.minor", "h.points_before")} ORDER BY p.slot) AS minor
  FROM running p FULL JOIN shares h ON h.deal = p.deal AND h.measure = p.measure AND h.slot = p.slot
 WHERE {_met("p.deal", "h.deal")}
 GROUP BY p.deal, p.line, {_PLACE}, h.is_first, h.points, p.amount, p.priced_on, p.oldest
"""


def _leaf(width: int) -> str:
    unpriced_lines = "count(*) FILTER (WHERE is_first AND minor[{0}] IS NULL)"
    unpriced_native = "COALESCE(sum(native) FILTER (WHERE minor[{0}] IS NULL), 0)"
    return f"""
SELECT {f.columns(CELL_KEY)}, count(*)::int AS facts, (count(*) FILTER (WHERE is_first))::int AS lines, sum(native) AS native,
       {pricing.array(width, lambda i: f"COALESCE(sum(minor[{i}]), 0)", "numeric")} AS minor,
       {pricing.array_or_null(width, lambda i: f"(count(*) - count(minor[{i}]))", "int")} AS unpriced_facts,
       {pricing.array_or_null(width, unpriced_lines.format, "int")} AS unpriced_lines,
       {pricing.array_or_null(width, unpriced_native.format, "numeric")} AS unpriced_native,
       {pricing.array(width, lambda i: f"min(oldest[{i}])", "date")} AS oldest_rate, max(priced_on) AS newest_priced
  FROM parts GROUP BY {f.columns(CELL_KEY)}
"""


def holders_cte(restrict: str) -> str:
    return f"holders AS MATERIALIZED ({_HOLDERS.format(restrict=restrict)})"


def cell_ctes(restrict: str, *, width: int) -> str:
    """CTEs up to `share_leaf`: the cells of the deals that `restrict` joins, under every lens. Prices are those that cells
    keep, which were written a moment before."""
    facts = f.facts(Domain.DEALS, join=restrict, with_lines=True)
    return f"facts AS MATERIALIZED ({facts}), {pricing.quote_ctes(kept=False)}, {_cells(restrict, width)}"


def live_ctes(restrict: str, *, lenses: str) -> str:
    """The same under the one lens of `lenses`, in slot 1."""
    facts = f.facts(Domain.DEALS, join=restrict, with_lines=True)
    prices = f"quotes AS MATERIALIZED ({pricing.one_slot(f.quotes(lenses))})"
    return f"facts AS MATERIALIZED ({facts}), {prices}, {_cells(restrict, 1)}"


def _cells(restrict: str, width: int) -> str:
    return ", ".join(
        (
            holders_cte(restrict),
            f"priced AS MATERIALIZED ({_priced(width)})",
            f"running AS MATERIALIZED ({_RUNNING})",
            f"shares AS MATERIALIZED ({_SHARES})",
            f"parts AS ({_WHOLE_PARTS} UNION ALL {_CUT_PARTS})",
            f"share_leaf AS MATERIALIZED ({_leaf(width)})",
        )
    )


def deals(restrict: str) -> str:
    """How many deals of each member, and of any, lie at each set of places. Needs the CTE `holders`."""
    return f"""
SELECT {f.columns(DEALS_KEY)}, count(*)::int AS deals
  FROM ({f.places_of_deals(restrict)}) p
  FULL JOIN (SELECT deal, book, member_id FROM holders
             UNION ALL SELECT DISTINCT deal, book, {ANY_MEMBER}::bigint FROM holders WHERE book = 2) h USING (deal)
 WHERE {_met("p.account_id", "h.book")}
 GROUP BY {f.columns(DEALS_KEY)}
"""
