"""Writing cells: the statements that bring every level up to date for some keys, or for whole accounts.

Callers hold the advisory lock of the buckets concerned, taken before anything was read. Only what differs is written: the
leaf is computed beside what stands, and the levels above follow by the difference. Sums of integers and exact decimals
can't drift; a date can't be subtracted, so one that may have moved back is read again afterwards.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.backends.utils import CursorWrapper

from rollups import formulas as f
from rollups import prepared, pricing
from rollups.measures import Domain
from rollups.scopes import BY_ACCOUNTS, BY_KEYS, Scope

Key = tuple[int, int, int]
"""Account, month and unit; of deals the unit is 0."""


@dataclass(frozen=True)
class Written:
    """How many facts were read and how many cells changed."""

    facts: int = 0
    cells: int = 0

    def __add__(self, other: Written) -> Written:
        return Written(self.facts + other.facts, self.cells + other.cells)


def leaf_ctes(width: int, domain: Domain, scope: Scope, *, cached: bool) -> str:
    """CTEs up to `diff`: the leaf cells of a scope that are not what they should be, new (`n_…`) beside old (`o_…`)."""
    both = ", ".join(f"n.{c} AS n_{c}, o.{c} AS o_{c}" for c in f.VALUES)
    keys = ", ".join(f"COALESCE(n.{c}, o.{c}) AS {c}" for c in f.LEAF_KEY)
    return f"""
WITH {scope.ctes}
facts AS {"NOT" if scope is BY_ACCOUNTS else ""} MATERIALIZED ({pricing.facts(domain, join=scope.facts)}),
{pricing.quote_ctes(cached=cached)},
leaf AS MATERIALIZED ({pricing.leaf(width, domain)}),
was AS MATERIALIZED (
    SELECT c.ctid AS place, c.* FROM rollups_cell c {scope.cells} WHERE c.measure BETWEEN %(low)s AND %(high)s),
diff AS MATERIALIZED (
    SELECT {keys}, o.place, {both}
      FROM leaf n FULL JOIN was o ON {f.same(f.LEAF_KEY, "n", "o")}
     WHERE ({f.columns(f.VALUES, "n")}) IS DISTINCT FROM ({f.columns(f.VALUES, "o")}))"""


def _add(table: str, width: int, key: tuple[str, ...], source: str) -> str:
    """Add the differences in `source` to a level, in key order."""
    return f"""
INSERT INTO {table} AS c ({f.columns(key)}, {f.columns(f.VALUES)}, run)
SELECT {f.columns(key)}, {f.columns(f.VALUES)}, %(run)s FROM {source} ORDER BY {f.columns(key)}
    ON CONFLICT ({f.columns(key)}) DO UPDATE SET {", ".join(pricing.added(width))}"""


@cache
def _apply_statement(width: int, domain: Domain, scope: Scope) -> str:
    dates = f"""{pricing.array(width, lambda i: f"min(n_oldest_rate[{i}])", "date")} AS oldest_rate,
       max(n_newest_fact) AS newest_fact, max(n_newest_priced) AS newest_priced"""
    json_of = "json_agg(json_build_object({})) FILTER (WHERE must_look)".format
    of_account, of_country = (
        json_of(", ".join(f"'{c}', {c}" for c in key)) for key in (f.ACCOUNT_KEY, f.COUNTRY_KEY)
    )
    return f"""{leaf_ctes(width, domain, scope, cached=True)},
gone AS (
    DELETE FROM rollups_cell WHERE ctid = ANY (ARRAY(SELECT place FROM diff WHERE n_facts IS NULL)) RETURNING 1),
changed AS (
    UPDATE rollups_cell c SET {", ".join(f"{c} = d.n_{c}" for c in f.VALUES)}, run = %(run)s
      FROM diff d WHERE c.ctid = d.place AND d.n_facts IS NOT NULL RETURNING 1),
fresh AS (
    INSERT INTO rollups_cell ({f.columns(f.LEAF_KEY)}, {f.columns(f.VALUES)}, run)
    SELECT {f.columns(f.LEAF_KEY)}, {", ".join(f"n_{c}" for c in f.VALUES)}, %(run)s FROM diff WHERE place IS NULL
    RETURNING 1),
account_delta AS MATERIALIZED (
    SELECT {f.columns(f.ACCOUNT_KEY)}, {", ".join(pricing.difference(width))}, {dates},
           bool_or({pricing.may_move_back(width)}) AS must_look
      FROM diff GROUP BY {f.columns(f.ACCOUNT_KEY)}),
account_put AS ({_add("rollups_accountcell", width, f.ACCOUNT_KEY, "account_delta")} RETURNING 1),
country_delta AS MATERIALIZED (
    SELECT s.*, must_look
      FROM ({pricing.summed(width, f.COUNTRY_KEY, "account_delta")}) s
      JOIN (SELECT {f.columns(f.COUNTRY_KEY)}, bool_or(must_look) AS must_look
              FROM account_delta GROUP BY {f.columns(f.COUNTRY_KEY)}) l USING ({f.columns(f.COUNTRY_KEY)})),
country_put AS ({_add("rollups_countrycell", width, f.COUNTRY_KEY, "country_delta")} RETURNING 1)
SELECT (SELECT count(*) FROM facts),
       (SELECT count(*) FROM gone) + (SELECT count(*) FROM changed) + (SELECT count(*) FROM fresh)
       + (SELECT count(*) FROM account_put) + (SELECT count(*) FROM country_put),
       (SELECT {of_account} FROM account_delta), (SELECT {of_country} FROM country_delta)
"""


# The rows are locked by this transaction already: it has just written each of them.
@cache
def _look_again(width: int, table: str, below: str, key: tuple[str, ...]) -> str:
    types = {"account_id": "bigint", "month": "int", "country": "text", "measure": "int", "currency": "text"}
    return f"""
WITH again AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(again)s::json) AS k ({", ".join(f"{c} {types[c]}" for c in key)})),
gone AS (DELETE FROM {table} c USING again k WHERE {f.same(key, "c", "k")} AND c.facts = 0)
UPDATE {table} c
   SET oldest_rate = d.oldest_rate, newest_fact = d.newest_fact, newest_priced = d.newest_priced
  FROM (SELECT {f.columns(key, "k")},
               {pricing.array(width, lambda i: f"min(a.oldest_rate[{i}])", "date")} AS oldest_rate,
               max(a.newest_fact) AS newest_fact, max(a.newest_priced) AS newest_priced
          FROM again k LEFT JOIN {below} a ON {f.same(key, "a", "k")}
         GROUP BY {f.columns(key, "k")}) d
 WHERE {f.same(key, "c", "d")} AND c.facts <> 0
   AND (c.oldest_rate, c.newest_fact, c.newest_priced) IS DISTINCT FROM (d.oldest_rate, d.newest_fact, d.newest_priced)
"""


def _places_ctes(scope: Scope) -> str:
    """CTEs `fresh` and `was`: how many deals lie at each set of places, as computed and as stored."""
    return f"""
WITH {scope.ctes} fresh AS MATERIALIZED ({f.places(join=scope.facts)}),
was AS MATERIALIZED (SELECT c.* FROM rollups_accountdeals c {scope.cells})"""


@cache
def _apply_places(scope: Scope) -> str:
    return f"""{_places_ctes(scope)},
gone AS (
    DELETE FROM rollups_accountdeals WHERE id = ANY (ARRAY(
        SELECT w.id FROM was w
         WHERE ({f.columns(f.DEALS_KEY, "w")}, w.deals) NOT IN (SELECT {f.columns(f.DEALS_KEY)}, deals FROM fresh)))
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
        ON CONFLICT (month, outcome, countries) DO UPDATE SET deals = c.deals + excluded.deals
    RETURNING deals = 0 AS is_empty)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM put) + (SELECT count(*) FROM country_put),
       (SELECT bool_or(is_empty) FROM country_put)
"""


_DROP_EMPTY_DEALS = "DELETE FROM rollups_countrydeals WHERE deals = 0"


def apply(cursor: CursorWrapper, domain: Domain, keys: list[Key], given: dict[str, Any]) -> Written:
    """Recompute the cells of some keys of one domain on every level. `given`: width, as_of, max_age and run."""
    accounts, months, units = ([key[at] for key in keys] for at in range(3))
    return _apply(cursor, domain, BY_KEYS[domain], {**given, "accounts": accounts, "months": months, "units": units})


def apply_accounts(cursor: CursorWrapper, accounts: list[int], given: dict[str, Any]) -> Written:
    """Recompute every cell of some accounts on every level."""
    values = {**given, "accounts": accounts}
    return sum((_apply(cursor, domain, BY_ACCOUNTS, values) for domain in Domain), Written())


def _apply(cursor: CursorWrapper, domain: Domain, scope: Scope, values: dict[str, Any]) -> Written:
    width = values["width"]
    low, high = domain.measures
    values = {**values, "low": low, "high": high}
    statement = _apply_statement(width, domain, scope)
    facts, cells, accounts, countries = prepared.run(cursor, f"apply_{domain}_{scope.name}_{width}", statement, values)
    for table, below, key, again in (
        ("rollups_accountcell", "rollups_cell", f.ACCOUNT_KEY, accounts),
        ("rollups_countrycell", "rollups_accountcell", f.COUNTRY_KEY, countries),
    ):
        if again:
            cursor.execute(_look_again(width, table, below, key), {"again": json.dumps(again)})
    if domain is Domain.DEALS:
        moved, is_empty = prepared.run(cursor, f"places_{scope.name}", _apply_places(scope), values)
        cells += moved
        if is_empty:
            cursor.execute(_DROP_EMPTY_DEALS)
    return Written(facts, cells)


@cache
def _compare_statement(width: int, domain: Domain, scope: Scope) -> str:
    pending = "k.account_id = d.account_id AND k.month = d.month AND k.domain = %(domain)s"
    if domain is Domain.REVENUE:
        pending += " AND k.org_unit_id = d.org_unit_id"
    return f"""{leaf_ctes(width, domain, scope, cached=False)}
SELECT (SELECT count(*) FROM facts),
       (SELECT count(*) FROM diff d WHERE NOT EXISTS (SELECT FROM rollups_dirtykey k WHERE {pending}))"""


def _compare_places_statement(scope: Scope) -> str:
    return f"""{_places_ctes(scope)}
SELECT count(*) FROM fresh n FULL JOIN was w ON {f.same(f.DEALS_KEY, "n", "w")}
 WHERE n.deals IS DISTINCT FROM w.deals
   AND NOT EXISTS (SELECT FROM rollups_dirtykey k
                    WHERE k.domain = 2 AND k.account_id = COALESCE(n.account_id, w.account_id)
                      AND k.month = COALESCE(n.month, w.month))"""


def compare_accounts(cursor: CursorWrapper, accounts: list[int], given: dict[str, Any]) -> tuple[int, int]:
    """Facts read, and leaf cells of some accounts that are not what the facts say, less keys that wait in the queue."""
    facts = drift = 0
    for domain in Domain:
        low, high = domain.measures
        values = {**given, "accounts": accounts, "low": low, "high": high, "domain": int(domain)}
        cursor.execute(_compare_statement(given["width"], domain, BY_ACCOUNTS), values)
        read, found = cursor.fetchone()
        facts, drift = facts + read, drift + found
    cursor.execute(_compare_places_statement(BY_ACCOUNTS), {**given, "accounts": accounts})
    return facts, drift + int(cursor.fetchone()[0])
