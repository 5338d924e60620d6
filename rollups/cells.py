"""Writing cells: the statements that bring every level up to date for some keys, or for all.

Callers hold the advisory lock of the keys' buckets, taken before anything was read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db.backends.utils import CursorWrapper

from rollups import formulas as f
from rollups.measures import Domain


@dataclass(frozen=True)
class Written:
    """How many facts were read and how many cells changed."""

    facts: int = 0
    cells: int = 0

    def __add__(self, other: Written) -> Written:
        return Written(self.facts + other.facts, self.cells + other.cells)


def _put(table: str, key: tuple[str, ...], source: str) -> str:
    """Insert or correct the rows of `source`, in key order; equal rows are left alone."""
    changes = ", ".join(f"{c} = excluded.{c}" for c in (*f.VALUES, "run"))
    return f"""
INSERT INTO {table} AS c ({f.columns(key)}, {f.columns(f.VALUES)}, run)
SELECT {f.columns(key)}, {f.columns(f.VALUES)}, %(run)s FROM {source} ORDER BY {f.columns(key)}
    ON CONFLICT ({f.columns(key)}) DO UPDATE SET {changes}
 WHERE ({f.columns(f.VALUES, "c")}) IS DISTINCT FROM ({f.columns(f.VALUES, "excluded")})
"""


def _drop(table: str, key: tuple[str, ...], source: str) -> str:
    """Delete the rows of the keys that `source` no longer has.

    NOT IN is hashed whatever the planner thinks of the size of a CTE, of which it knows nothing; keys are never null.
    """
    return f"""
DELETE FROM {table} c USING keys k
 WHERE c.account_id = k.account_id AND c.month = k.month AND c.measure BETWEEN %(low)s AND %(high)s
   AND ({f.columns(key, "c")}) NOT IN (SELECT {f.columns(key)} FROM {source})
"""


# A country's cells follow by differences: what the accounts' cells are now less what they were. Sums of integers and exact
# decimals can't drift; dates can't be subtracted, so a date that may have moved back is read again afterwards.
_DELTA = f"""
SELECT {f.columns(f.COUNTRY_KEY)}, {", ".join(f"sum({c}) AS {c}" for c in f.SUMS)},
       min(oldest_rate) FILTER (WHERE is_new) AS oldest_rate, max(newest_fact) FILTER (WHERE is_new) AS newest_fact,
       max(newest_priced) FILTER (WHERE is_new) AS newest_priced,
       COALESCE(min(oldest_rate) FILTER (WHERE NOT is_new)
                < COALESCE(min(oldest_rate) FILTER (WHERE is_new), 'infinity'), false)
       OR COALESCE(max(newest_fact) FILTER (WHERE NOT is_new)
                   > COALESCE(max(newest_fact) FILTER (WHERE is_new), '-infinity'), false)
       OR COALESCE(max(newest_priced) FILTER (WHERE NOT is_new)
                   > COALESCE(max(newest_priced) FILTER (WHERE is_new), '-infinity'), false)
       OR bool_and(NOT is_new) AS must_look
  FROM (SELECT true AS is_new, * FROM ({f.summed(f.COUNTRY_KEY, "account_leaf")}) n
        UNION ALL
        SELECT false, * FROM ({f.summed(f.COUNTRY_KEY, "account_was", sign="-")}) o) both_sides
 GROUP BY {f.columns(f.COUNTRY_KEY)}
HAVING {" OR ".join(f"sum({c}) <> 0" for c in f.SUMS)}
    OR {" OR ".join(f"min({c}) FILTER (WHERE is_new) IS DISTINCT FROM min({c}) FILTER (WHERE NOT is_new)" for c in f.DATES)}
"""

_ADD_DELTA = f"""
INSERT INTO rollups_countrycell AS c ({f.columns(f.COUNTRY_KEY)}, {f.columns(f.VALUES)}, run)
SELECT {f.columns(f.COUNTRY_KEY)}, {f.columns(f.VALUES)}, %(run)s FROM delta ORDER BY {f.columns(f.COUNTRY_KEY)}
    ON CONFLICT ({f.columns(f.COUNTRY_KEY)}) DO UPDATE
   SET {", ".join(f"{c} = c.{c} + excluded.{c}" for c in f.SUMS)},
       oldest_rate = LEAST(c.oldest_rate, excluded.oldest_rate),
       newest_fact = GREATEST(c.newest_fact, excluded.newest_fact),
       newest_priced = GREATEST(c.newest_priced, excluded.newest_priced), run = excluded.run
"""


def _apply_statement(domain: Domain) -> str:
    return f"""
WITH {f.KEYS}, {f.leaf_ctes(f.facts_by_keys(domain), kept=True)},
account_leaf AS MATERIALIZED ({f.summed(f.ACCOUNT_KEY, "leaf")}),
account_was AS MATERIALIZED (
    SELECT a.* FROM rollups_accountcell a JOIN keys k ON k.account_id = a.account_id AND k.month = a.month
     WHERE a.measure BETWEEN %(low)s AND %(high)s),
gone AS ({_drop("rollups_cell", f.LEAF_KEY, "leaf")} RETURNING 1),
put AS ({_put("rollups_cell", f.LEAF_KEY, "leaf")} RETURNING 1),
account_gone AS ({_drop("rollups_accountcell", f.ACCOUNT_KEY, "account_leaf")} RETURNING 1),
account_put AS ({_put("rollups_accountcell", f.ACCOUNT_KEY, "account_leaf")} RETURNING 1),
delta AS MATERIALIZED ({_DELTA}),
country_put AS ({_ADD_DELTA} RETURNING 1)
SELECT (SELECT count(*) FROM facts),
       (SELECT count(*) FROM gone) + (SELECT count(*) FROM put) + (SELECT count(*) FROM account_gone)
       + (SELECT count(*) FROM account_put) + (SELECT count(*) FROM country_put),
       (SELECT json_agg(json_build_object({", ".join(f"'{c}', {c}" for c in f.COUNTRY_KEY)})) FROM delta WHERE must_look)
"""


# The rows are locked by this transaction already: it has just written each of them.
_LOOK_AGAIN = f"""
WITH again AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(again)s::json)
        AS k (lens_id int, month int, country text, measure int, currency text)),
gone AS (DELETE FROM rollups_countrycell c USING again k WHERE {f.same(f.COUNTRY_KEY, "c", "k")} AND c.facts = 0)
UPDATE rollups_countrycell c
   SET oldest_rate = d.oldest_rate, newest_fact = d.newest_fact, newest_priced = d.newest_priced
  FROM (SELECT {f.columns(f.COUNTRY_KEY, "k")}, min(a.oldest_rate) AS oldest_rate, max(a.newest_fact) AS newest_fact,
               max(a.newest_priced) AS newest_priced
          FROM again k LEFT JOIN rollups_accountcell a ON {f.same(f.COUNTRY_KEY, "a", "k")}
         GROUP BY {f.columns(f.COUNTRY_KEY, "k")}) d
 WHERE {f.same(f.COUNTRY_KEY, "c", "d")} AND c.facts <> 0
"""

_APPLY_PLACES = f"""
WITH {f.KEYS}, fresh AS MATERIALIZED ({f.places(by_keys=True)}),
was AS MATERIALIZED (
    SELECT d.* FROM rollups_accountdeals d JOIN keys k ON k.account_id = d.account_id AND k.month = d.month),
gone AS (
    DELETE FROM rollups_accountdeals d USING was w
     WHERE d.id = w.id
       AND ({f.columns(f.DEALS_KEY, "w")}, w.deals) NOT IN (SELECT {f.columns(f.DEALS_KEY)}, deals FROM fresh)
    RETURNING 1),
put AS (
    INSERT INTO rollups_accountdeals ({f.columns(f.DEALS_KEY)}, deals)
    SELECT {f.columns(f.DEALS_KEY, "n")}, n.deals FROM fresh n
     WHERE ({f.columns(f.DEALS_KEY, "n")}, n.deals) NOT IN (SELECT {f.columns(f.DEALS_KEY)}, deals FROM was)
    RETURNING 1),
delta AS (
    SELECT month, outcome, countries, sum(deals) AS deals
      FROM (SELECT month, outcome, {f.COUNTRIES_OF_PLACES} AS countries, deals FROM fresh
            UNION ALL SELECT month, outcome, {f.COUNTRIES_OF_PLACES}, -deals FROM was) both_sides
     GROUP BY month, outcome, countries HAVING sum(deals) <> 0),
country_put AS (
    INSERT INTO rollups_countrydeals AS c (month, outcome, countries, deals)
    SELECT month, outcome, countries, deals FROM delta ORDER BY month, outcome, countries
        ON CONFLICT (month, outcome, countries) DO UPDATE SET deals = c.deals + excluded.deals RETURNING 1)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM put) + (SELECT count(*) FROM country_put)
"""
_DROP_EMPTY_DEALS = "DELETE FROM rollups_countrydeals WHERE deals = 0 AND month = ANY (%(months)s::int[])"

_APPLY = {domain: _apply_statement(domain) for domain in Domain}


def apply(cursor: CursorWrapper, domain: Domain, keys: list[tuple[int, int]], given: dict[str, Any]) -> Written:
    """Recompute the cells of (account, month) `keys` of one domain on every level. `given`: as_of, max_age and run."""
    low, high = domain.measures
    values = {**given, "accounts": [k[0] for k in keys], "months": [k[1] for k in keys], "low": low, "high": high}
    cursor.execute(_APPLY[domain], values)
    facts, cells, again = cursor.fetchone()
    if again:
        cursor.execute(_LOOK_AGAIN, {"again": json.dumps(again)})
    if domain is Domain.DEALS:
        cursor.execute(_APPLY_PLACES, values)
        cells += cursor.fetchone()[0]
        cursor.execute(_DROP_EMPTY_DEALS, values)
    return Written(facts, cells)


def compute_everything(cursor: CursorWrapper, given: dict[str, Any]) -> int:
    """Compute every level from the facts into temporary tables `want_…`; returns how many facts were read."""
    rows = f"{f.facts(Domain.REVENUE)} UNION ALL {f.facts(Domain.DEALS)}"
    climbs = {
        "want_cell": f"WITH {f.leaf_ctes(rows, kept=False)} SELECT * FROM leaf",
        "want_accountcell": f.summed(f.ACCOUNT_KEY, "want_cell"),
        "want_countrycell": f.summed(f.COUNTRY_KEY, "want_accountcell"),
        "want_accountdeals": f.places(by_keys=False),
        "want_countrydeals": deals_by_countries("want_accountdeals"),
    }
    for table, text in climbs.items():
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        cursor.execute(f"CREATE TEMP TABLE {table} ON COMMIT DROP AS {text}", given)
        cursor.execute(f"ANALYZE {table}")
    cursor.execute(
        "SELECT COALESCE(sum(facts), 0) FROM want_cell WHERE lens_id = (SELECT min(id) FROM rollups_pricelens)"
    )
    return int(cursor.fetchone()[0])


def deals_by_countries(source: str) -> str:
    return (
        f"SELECT month, outcome, countries, sum(deals)::int AS deals FROM (SELECT month, outcome, "
        f"{f.COUNTRIES_OF_PLACES} AS countries, deals FROM {source}) s GROUP BY month, outcome, countries"
    )


LEVELS = (
    ("rollups_cell", "want_cell", f.LEAF_KEY, f.VALUES),
    ("rollups_accountcell", "want_accountcell", f.ACCOUNT_KEY, f.VALUES),
    ("rollups_countrycell", "want_countrycell", f.COUNTRY_KEY, f.VALUES),
    ("rollups_accountdeals", "want_accountdeals", f.DEALS_KEY, ("deals",)),
    ("rollups_countrydeals", "want_countrydeals", f.COUNTRY_DEALS_KEY, ("deals",)),
)


def publish_everything(cursor: CursorWrapper, run: int) -> int:
    """Bring the cells to what `compute_everything` found, writing only what differs; returns how many rows that was.

    Readers see the old cells until the commit and the new ones after it; no lock keeps them waiting.
    """
    changed = 0
    for table, want, key, values in LEVELS:
        equal = (
            f"{f.same(key, 'c', 'w')} AND ({f.columns(values, 'c')}) IS NOT DISTINCT FROM ({f.columns(values, 'w')})"
        )
        cursor.execute(f"DELETE FROM {table} c WHERE NOT EXISTS (SELECT FROM {want} w WHERE {equal})")
        changed += cursor.rowcount
        has_run = values is f.VALUES
        cursor.execute(
            f"INSERT INTO {table} ({f.columns(key)}, {f.columns(values)}{', run' if has_run else ''}) "
            f"SELECT {f.columns(key, 'w')}, {f.columns(values, 'w')}{', %(run)s' if has_run else ''} FROM {want} w "
            f"WHERE NOT EXISTS (SELECT FROM {table} c WHERE {equal}) ORDER BY {f.columns(key, 'w')}",
            {"run": run},
        )
        changed += cursor.rowcount
    return changed
