"""Writing members' shares: for some keys, or for whole accounts. Callers hold the advisory lock of the buckets concerned,
taken before anything was read."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db.backends.utils import CursorWrapper

from rollups import prepared
from rollups import share_formulas as s
from rollups.differing import diff_ctes, write_ctes
from rollups.measures import Domain
from rollups.scopes import BY_ACCOUNTS, BY_KEYS, Scope

_DEALS = ("deals",)

# An address decides ties only where somebody has less than the whole of a deal.
_ADDRESSES = """
WITH gone AS (DELETE FROM rollups_widechange WHERE member_id IS NOT NULL RETURNING member_id)
INSERT INTO rollups_dirtykey (domain, account_id, month)
SELECT DISTINCT 2, o.account_id, o.month
  FROM pipeline_opportunitysplit s JOIN pipeline_opportunity o ON o.id = s.opportunity_id
 WHERE s.member_id IN (SELECT member_id FROM gone)
"""
_DRIFT = """
SELECT count(*) FROM diff d WHERE NOT EXISTS (
       SELECT FROM rollups_dirtykey k WHERE k.domain = 2 AND k.account_id = d.account_id AND k.month = d.month)"""


def _cell_ctes(width: int, scope: Scope) -> str:
    """CTEs up to `diff`: the members' cells of a scope that are not what its deals say."""
    differing = diff_ctes("share_leaf", scope.held("rollups_sharecell"), s.CELL_KEY, s.VALUES)
    return f"WITH {scope.ctes} {s.cell_ctes(scope.facts, width=width)}, {differing}"


def _deal_ctes(scope: Scope) -> str:
    """CTEs up to `diff`: the members' numbers of deals of a scope that are not what its deals say."""
    differing = diff_ctes("wanted", scope.held("rollups_sharedeals"), s.DEALS_KEY, _DEALS)
    return (
        f"WITH {scope.ctes} {s.holders_cte(scope.facts)}, wanted AS MATERIALIZED ({s.deals(scope.facts)}), {differing}"
    )


@cache
def _apply_cells(width: int, scope: Scope) -> str:
    written = write_ctes("rollups_sharecell", s.CELL_KEY, s.VALUES)
    return f"{_cell_ctes(width, scope)}, {written} SELECT cells FROM written"


@cache
def _apply_deals(scope: Scope) -> str:
    written = write_ctes("rollups_sharedeals", s.DEALS_KEY, _DEALS, stamped=False)
    return f"{_deal_ctes(scope)}, {written} SELECT cells FROM written"


def apply(cursor: CursorWrapper, keys: list[tuple[int, int, int]], given: dict[str, Any]) -> int:
    """Recompute the shares of (account, month, 0) `keys`; returns how many rows changed. `given`: width, as_of, max_age and
    run."""
    width, scope = given["width"], BY_KEYS[Domain.DEALS]
    values = {**given, "accounts": [k[0] for k in keys], "months": [k[1] for k in keys]}
    cells = prepared.run(cursor, f"share_cells_{width}", _apply_cells(width, scope), values)
    deals = prepared.run(cursor, "share_deals", _apply_deals(scope), values)
    return int(cells[0]) + int(deals[0])


def apply_accounts(cursor: CursorWrapper, accounts: list[int], given: dict[str, Any]) -> int:
    """Recompute all shares of some accounts, also what nobody but the engine should have changed."""
    changed = 0
    for statement in (_apply_cells(given["width"], BY_ACCOUNTS), _apply_deals(BY_ACCOUNTS)):
        cursor.execute(statement, {**given, "accounts": accounts})
        changed += int(cursor.fetchone()[0])
    return changed


def differences(cursor: CursorWrapper, accounts: list[int], given: dict[str, Any]) -> int:
    """How many rows of some accounts are missing, superfluous or different, less the keys that wait in the queue."""
    drift = 0
    for ctes in (_cell_ctes(given["width"], BY_ACCOUNTS), _deal_ctes(BY_ACCOUNTS)):
        cursor.execute(f"{ctes}{_DRIFT}", {**given, "accounts": accounts})
        drift += int(cursor.fetchone()[0])
    return drift


def mark_addresses(cursor: CursorWrapper) -> None:
    """Mark the deals of members whose e-mail address changed."""
    cursor.execute(_ADDRESSES)
