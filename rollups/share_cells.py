"""Writing members' shares: for some keys, or for all. Callers hold the advisory lock of the keys' buckets, taken before
anything was read."""

from __future__ import annotations

from typing import Any

from django.db.backends.utils import CursorWrapper

from rollups import formulas as f
from rollups import share_formulas as s

_CELL_VALUES = ", ".join(f"{c} = excluded.{c}" for c in (*s.VALUES, "run"))

# NOT IN is hashed whatever the planner thinks of the size of a CTE; keys are never null.
_APPLY_CELLS = f"""
WITH {f.KEYS}, {s.cell_ctes(f.BY_KEYS)},
gone AS (
    DELETE FROM rollups_sharecell c USING keys k WHERE c.account_id = k.account_id AND c.month = k.month
       AND ({f.columns(s.CELL_KEY, "c")}) NOT IN (SELECT {f.columns(s.CELL_KEY)} FROM share_leaf)
    RETURNING 1),
put AS (
    INSERT INTO rollups_sharecell AS c ({f.columns(s.CELL_KEY)}, {f.columns(s.VALUES)}, run)
    SELECT {f.columns(s.CELL_KEY)}, {f.columns(s.VALUES)}, %(run)s FROM share_leaf ORDER BY {f.columns(s.CELL_KEY)}
        ON CONFLICT ({f.columns(s.CELL_KEY)}) DO UPDATE SET {_CELL_VALUES}
     WHERE ({f.columns(s.VALUES, "c")}) IS DISTINCT FROM ({f.columns(s.VALUES, "excluded")})
    RETURNING 1)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM put)
"""

_APPLY_DEALS = f"""
WITH {f.KEYS}, {s.holders_cte(f.BY_KEYS)}, fresh AS MATERIALIZED ({s.deals(f.BY_KEYS)}),
was AS MATERIALIZED (
    SELECT d.* FROM rollups_sharedeals d JOIN keys k ON k.account_id = d.account_id AND k.month = d.month),
gone AS (
    DELETE FROM rollups_sharedeals d USING was w
     WHERE d.id = w.id
       AND ({f.columns(s.DEALS_KEY, "w")}, w.deals) NOT IN (SELECT {f.columns(s.DEALS_KEY)}, deals FROM fresh)
    RETURNING 1),
put AS (
    INSERT INTO rollups_sharedeals ({f.columns(s.DEALS_KEY)}, deals)
    SELECT {f.columns(s.DEALS_KEY, "n")}, n.deals FROM fresh n
     WHERE ({f.columns(s.DEALS_KEY, "n")}, n.deals) NOT IN (SELECT {f.columns(s.DEALS_KEY)}, deals FROM was)
    RETURNING 1)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM put)
"""

# An address decides ties only where somebody has less than the whole of a deal.
_ADDRESSES = """
WITH gone AS (DELETE FROM rollups_widechange WHERE member_id IS NOT NULL RETURNING member_id)
INSERT INTO rollups_dirtykey (domain, account_id, month)
SELECT DISTINCT 2, o.account_id, o.month
  FROM pipeline_opportunitysplit s JOIN pipeline_opportunity o ON o.id = s.opportunity_id
 WHERE s.member_id IN (SELECT member_id FROM gone)
"""

_WANTED = (
    ("rollups_sharecell", "want_sharecell", s.CELL_KEY, s.VALUES),
    ("rollups_sharedeals", "want_sharedeals", s.DEALS_KEY, ("deals",)),
)


def apply(cursor: CursorWrapper, keys: list[tuple[int, int, int]], given: dict[str, Any]) -> int:
    """Recompute the shares of (account, month, 0) `keys`; returns how many rows changed. `given`: as_of, max_age and run."""
    values = {**given, "accounts": [k[0] for k in keys], "months": [k[1] for k in keys]}
    changed = 0
    for statement in (_APPLY_CELLS, _APPLY_DEALS):
        cursor.execute(statement, values)
        changed += cursor.fetchone()[0]
    return changed


def mark_addresses(cursor: CursorWrapper) -> None:
    """Mark the deals of members whose e-mail address changed."""
    cursor.execute(_ADDRESSES)


def compute_all(cursor: CursorWrapper, given: dict[str, Any], accounts: list[int] | None = None) -> None:
    """Compute the shares of all deals, or of some accounts', into temporary tables `want_share…`. `given`: as_of, max_age."""
    restrict = "" if accounts is None else s.BY_ACCOUNTS
    texts = {
        "want_sharecell": f"WITH {s.cell_ctes(restrict)} SELECT * FROM share_leaf",
        "want_sharedeals": f"WITH {s.holders_cte(restrict)} {s.deals(restrict)}",
    }
    for table, text in texts.items():
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        cursor.execute(f"CREATE TEMP TABLE {table} ON COMMIT DROP AS {text}", {**given, "accounts": accounts})
        cursor.execute(f"ANALYZE {table}")


def publish(cursor: CursorWrapper, run: int, accounts: list[int] | None = None) -> int:
    """Bring the shares to what `compute_all` found for the same accounts, writing only what differs; how many rows."""
    only = "" if accounts is None else "c.account_id = ANY (%(accounts)s) AND "
    changed = 0
    for table, want, key, values in _WANTED:
        equal = (
            f"{f.same(key, 'c', 'w')} AND ({f.columns(values, 'c')}) IS NOT DISTINCT FROM ({f.columns(values, 'w')})"
        )
        runs = (", run", ", %(run)s") if values is s.VALUES else ("", "")
        given = {"run": run, "accounts": accounts}
        cursor.execute(f"DELETE FROM {table} c WHERE {only}NOT EXISTS (SELECT FROM {want} w WHERE {equal})", given)
        changed += cursor.rowcount
        cursor.execute(
            f"INSERT INTO {table} ({f.columns(key)}, {f.columns(values)}{runs[0]}) "
            f"SELECT {f.columns(key, 'w')}, {f.columns(values, 'w')}{runs[1]} FROM {want} w "
            f"WHERE NOT EXISTS (SELECT FROM {table} c WHERE {equal}) ORDER BY {f.columns(key, 'w')}",
            given,
        )
        changed += cursor.rowcount
    return changed


def differences(cursor: CursorWrapper, accounts: list[int]) -> int:
    """How many rows are missing, superfluous or different against what `compute_all` found for the same accounts, less the
    keys that wait in the queue."""
    settled = (
        "x.account_id = ANY (%(accounts)s) AND NOT EXISTS (SELECT FROM rollups_dirtykey k "
        "WHERE k.domain = 2 AND k.account_id = x.account_id AND k.month = x.month)"
    )
    drift = 0
    for table, want, key, values in _WANTED:
        held, wanted = (f"(SELECT * FROM {name} x WHERE {settled})" for name in (table, want))
        cursor.execute(
            f"SELECT count(*) FROM {held} c FULL JOIN {wanted} w ON {f.same(key, 'c', 'w')} "
            f"WHERE ({f.columns(values, 'c')}) IS DISTINCT FROM ({f.columns(values, 'w')})",
            {"accounts": accounts},
        )
        drift += int(cursor.fetchone()[0])
    return drift
