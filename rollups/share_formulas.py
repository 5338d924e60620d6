"""From deals to members' shares, as SQL text: `shares` on rows. Pure: no connection, no clock.

Parameters as in `formulas`. Everything starts from the deals that a join restricts by the alias `f`.
"""

from __future__ import annotations

from rollups import formulas as f
from rollups import pricing
from rollups.measures import ANY_MEMBER, NO_MEMBER, Domain
from rollups.shares import WHOLE

CELL_KEY = (
    "account_id",
    "month",
    "lens_id",
    "book",
    "measure",
    "member_id",
    "currency",
    "country",
    "org_unit_id",
)
COUNTS = ("facts", "lines", "unpriced_facts", "unpriced_lines")
VALUES = (*COUNTS, "native", "minor", "unpriced_native", "oldest_rate", "newest_priced")
DEALS_KEY = ("account_id", "month", "outcome", "book", "member_id", "org_unit_ids", "countries")
BY_ACCOUNTS = "JOIN unnest(%(accounts)s::bigint[]) a (id) ON a.id = f.account_id"

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

# The lines in each lens's minor units, rounded once each, as cells are.
_PRICED = """
SELECT d.deal, d.line, d.account_id, d.month, q.lens_id, d.measure, d.currency, d.country, d.org_unit_id, d.amount,
       money_half_even(d.amount, q.numerator, q.denominator) AS minor, q.numerator IS NOT NULL AS has_price,
       q.oldest, CASE WHEN q.is_foreign AND q.numerator IS NOT NULL THEN d.own_date END AS priced_on
  FROM facts d FULL JOIN by_lens q ON q.currency = d.currency AND q.rate_on = d.rate_on
"""


def _met(one: str, other: str) -> str:
    """Of a full join, the rows that have both sides, said so that it stays one. A full join is never done by a nested loop,
    which the planner, who knows nothing of what CTEs hold, would choose for a batch of thousands of deals."""
    return f"COALESCE({one}, 0) <> 0 AND COALESCE({other}, 0) <> 0"


_OF_A_PART = """p.deal, p.line, p.account_id, p.month, p.lens_id, h.book, p.measure, h.member_id, p.currency, p.country,
       p.org_unit_id, h.is_first, p.amount * h.points * 0.0001 AS native, p.has_price, p.oldest, p.priced_on"""

# Who has the whole of a deal has its lines as they are: most deals, and no order of lines or members matters.
_WHOLE_PARTS = f"""
SELECT {_OF_A_PART}, p.minor
  FROM priced p FULL JOIN (SELECT * FROM holders WHERE points = {WHOLE}) h ON h.deal = p.deal WHERE {_met("p.deal", "h.deal")}
"""

# The lines of shared deals with the running sum up to each.
_RUNNING = f"""
SELECT p.*, sum(p.minor) OVER (deal_measure ORDER BY p.line) AS upto_line, sum(p.minor) OVER deal_measure AS total,
       p.line = max(p.line) OVER deal_measure AS is_last
  FROM priced p WHERE p.deal IN (SELECT deal FROM holders WHERE points < {WHOLE})
WINDOW deal_measure AS (PARTITION BY p.deal, p.measure, p.lens_id)
"""

_TOTALS = "(SELECT * FROM running WHERE is_last)"
_CUT = f"(SELECT * FROM holders WHERE points < {WHOLE} AND book = {{book}})"

# Each member's share of a deal's amount; beside it what members before her have, in points and in minor units: of prime
# shares all with a smaller address, of an overlay share nobody.
_SHARES = f"""
SELECT deal, measure, lens_id, book, member_id, is_first, points, upto - points AS points_before, upto AS points_upto,
       sum(share) OVER (amount ORDER BY email) - share AS share_before, sum(share) OVER (amount ORDER BY email) AS share_upto
  FROM (SELECT *, sign(total) * (base + CASE WHEN row_number() OVER (amount ORDER BY rest DESC, email)
                                                  <= abs(total) - sum(base) OVER amount THEN 1 ELSE 0 END) AS share
          FROM (SELECT t.deal, t.measure, t.lens_id, t.total, h.book, h.member_id, h.email, h.is_first, h.points, h.upto,
                       div(abs(t.total) * h.points, {WHOLE}) AS base, mod(abs(t.total) * h.points, {WHOLE}) AS rest
                  FROM {_TOTALS} t FULL JOIN {_CUT.format(book=1)} h ON h.deal = t.deal
                 WHERE {_met("t.deal", "h.deal")}) q
        WINDOW amount AS (PARTITION BY deal, measure, lens_id)) s
WINDOW amount AS (PARTITION BY deal, measure, lens_id)
UNION ALL
SELECT t.deal, t.measure, t.lens_id, h.book, h.member_id, h.is_first, h.points, 0, h.points,
       0, money_half_even(t.total, h.points, {WHOLE})
  FROM {_TOTALS} t FULL JOIN {_CUT.format(book=2)} h ON h.deal = t.deal WHERE {_met("t.deal", "h.deal")}
"""


def _corner(line: str, points: str, share: str = "") -> str:
    """Running sum of lines × running sum of points; in the last line the running sum of shares."""
    product = f"money_half_even({line}, {points}, {WHOLE})"
    return f"CASE WHEN p.is_last THEN {share} ELSE {product} END" if share else product


_CUT_PARTS = f"""
SELECT {_OF_A_PART},
       ({_corner("p.upto_line", "h.points_upto", "h.share_upto")})
       - {_corner("p.upto_line - p.minor", "h.points_upto")}
       - ({_corner("p.upto_line", "h.points_before", "h.share_before")})
       + {_corner("p.upto_line - p.minor", "h.points_before")} AS minor
  FROM running p FULL JOIN shares h ON h.deal = p.deal AND h.measure = p.measure AND h.lens_id = p.lens_id
 WHERE {_met("p.deal", "h.deal")}
"""

_LEAF = f"""
SELECT {f.columns(CELL_KEY)}, count(*)::int AS facts, (count(*) FILTER (WHERE is_first))::int AS lines,
       (count(*) FILTER (WHERE NOT has_price))::int AS unpriced_facts,
       (count(*) FILTER (WHERE is_first AND NOT has_price))::int AS unpriced_lines,
       sum(native) AS native, COALESCE(sum(minor), 0) AS minor,
       COALESCE(sum(native) FILTER (WHERE NOT has_price), 0) AS unpriced_native,
       min(oldest) AS oldest_rate, max(priced_on) AS newest_priced
  FROM parts GROUP BY {f.columns(CELL_KEY)}
"""


def holders_cte(restrict: str) -> str:
    return f"holders AS MATERIALIZED ({_HOLDERS.format(restrict=restrict)})"


def cell_ctes(restrict: str, *, where: str = "", lenses: str = f.ALL_LENSES) -> str:
    """CTEs up to `share_leaf`: the cells of the deals that `restrict` joins and whose facts meet `where`."""
    facts = f.facts(Domain.DEALS, join=restrict, where=where, with_lines=True)
    prices = f"by_lens AS MATERIALIZED ({f.quotes(lenses)})"
    if lenses == f.ALL_LENSES:  # as cells have them, which were written a moment before
        prices = f"{pricing.quote_ctes(kept=False)}, by_lens AS MATERIALIZED ({pricing.BY_LENS})"
    return ", ".join(
        (
            f"facts AS MATERIALIZED ({facts})",
            prices,
            holders_cte(restrict),
            f"priced AS ({_PRICED})",
            f"running AS MATERIALIZED ({_RUNNING})",
            f"shares AS MATERIALIZED ({_SHARES})",
            f"parts AS ({_WHOLE_PARTS} UNION ALL {_CUT_PARTS})",
            f"share_leaf AS MATERIALIZED ({_LEAF})",
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
