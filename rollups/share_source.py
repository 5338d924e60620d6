"""Where a lens finds members' shares: in their table, or by the same formulas in the facts. Pure text.

The texts use the parameters of `Source.given`; `live` tells that some measures must be computed, in the rows of `lenses`.
"""

from __future__ import annotations

from rollups import formulas as f
from rollups import share_formulas as s
from rollups.measures import Domain

_PLACE_KEY = ("account_id", "month", "measure", "currency", "country", "org_unit_id")
_KEY = f.columns(s.CELL_KEY)


def _at(slot: str) -> str:
    """One lens of a cell whose arrays have it at `slot`."""
    return f"""facts, lines, native, COALESCE(minor[{slot}], 0) AS minor, COALESCE(unpriced_facts[{slot}], 0) AS unpriced_facts,
       COALESCE(unpriced_lines[{slot}], 0) AS unpriced_lines, COALESCE(unpriced_native[{slot}], 0) AS unpriced_native,
       oldest_rate[{slot}] AS oldest_rate,
       CASE WHEN %(lens_rates)s = 'spot' AND currency <> %(lens_currency)s THEN newest_priced END AS newest_priced"""


# What concerns one member: whole deals, because a share depends on all who have one.
OF_MEMBER = "member_id = %(member)s"
_DEALS_OF_MEMBER = """(f.owner_id IS NOT DISTINCT FROM NULLIF(%(member)s, 0) OR EXISTS (
    SELECT FROM pipeline_opportunitysplit o WHERE o.opportunity_id = f.id AND o.member_id = %(member)s))"""

DEALS_OF_MEMBERS = """(f.owner_id = ANY (%(ids)s::bigint[]) OR EXISTS (
    SELECT FROM pipeline_opportunitysplit o WHERE o.opportunity_id = f.id AND o.member_id = ANY (%(ids)s::bigint[])))"""


# What all members together have of a deal in the overlay book, which may be more than the deal.
OVERLAY_OF_DEALS = """(SELECT opportunity_id AS deal, sum(percent) * 0.01 AS share FROM pipeline_opportunitysplit
    WHERE type = 'overlay' AND percent > 0 GROUP BY 1)"""


def overlay_facts(where: str) -> str:
    """Rows of facts of deals, each line's amount the overlay shares of it: native and exact, so it need not be shared out."""
    lines = f.facts(Domain.DEALS, where=where, with_lines=True)
    return (
        "SELECT l.account_id, l.month, l.measure, l.currency, l.country, l.rate_on, l.amount * o.share AS amount "
        f"FROM ({lines}) l JOIN {OVERLAY_OF_DEALS} o ON o.deal = l.deal"
    )


def member_cells(
    *, live: bool, lenses: str, of_member: bool = False, of_members: bool = False, of_accounts: bool = False
) -> str:
    """A FROM item with the cells of one book by member; of one member, of some, or of some accounts."""
    only, deals = "", ""
    if of_members:
        only, deals = " AND member_id = ANY (%(ids)s::bigint[])", f" AND {DEALS_OF_MEMBERS}"
    if of_member:
        only, deals = f" AND {OF_MEMBER}", f" AND {_DEALS_OF_MEMBER}"
    if of_accounts:
        only += " AND account_id = ANY (%(accounts)s::bigint[])"
        deals += " AND f.account_id = ANY (%(accounts)s::bigint[])"
    stored = (
        f"SELECT {_KEY}, {_at('%(slot)s')}, run FROM rollups_sharecell WHERE book = %(book)s "
        f"AND month BETWEEN %(first)s AND %(last)s AND measure = ANY (%(stored)s){only}"
    )
    if not live:
        return f"({stored})"
    restrict = (
        "JOIN (SELECT %(first)s::int AS first, %(last)s::int AS last) span "
        f"ON f.month BETWEEN span.first AND span.last{deals}"
    )
    computed = (
        f"WITH {s.live_ctes(restrict, lenses=lenses)} SELECT {_KEY}, {_at('1')}, 0 AS run FROM share_leaf "
        f"WHERE book = %(book)s AND measure = ANY (%(live)s){only}"
    )
    return f"(SELECT * FROM ({stored}) stored UNION ALL SELECT * FROM ({computed}) computed)"


def place_cells(*, live: bool, lenses: str, of_accounts: bool) -> str:
    """A FROM item with the shares of one book where they lie, whoever has them, in the columns of unit cells. `facts`
    counts each line once."""
    key = f.columns(_PLACE_KEY)
    return (
        f"(SELECT {key}, sum(lines)::int AS facts, sum(native) AS native, sum(minor) AS minor, "
        "sum(unpriced_lines)::int AS unpriced_facts, sum(unpriced_native) AS unpriced_native, "
        "min(oldest_rate) AS oldest_rate, NULL::date AS newest_fact, max(newest_priced) AS newest_priced, "
        f"max(run) AS run FROM {member_cells(live=live, lenses=lenses, of_accounts=of_accounts)} c GROUP BY {key})"
    )
