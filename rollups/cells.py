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
from rollups import prepared, pricing, years
from rollups.differing import diff_ctes, write_ctes
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


def _delta(width: int, key: tuple[str, ...]) -> str:
    """What `diff` adds to the level of `key`, with the dates of what is new."""
    return f"""
SELECT {f.columns(key)}, {", ".join(pricing.difference(width))},
       {pricing.array(width, lambda i: f"min(n_oldest_rate[{i}])", "date")} AS oldest_rate,
       max(n_newest_fact) AS newest_fact, max(n_newest_priced) AS newest_priced,
       bool_or({pricing.may_move_back(width)}) AS must_look
  FROM diff GROUP BY {f.columns(key)}"""


def _looks(key: tuple[str, ...], delta: str) -> str:
    """The keys of a level whose dates must be read again, as JSON."""
    pairs = ", ".join(f"'{c}', {c}" for c in key)
    return f"(SELECT json_agg(json_build_object({pairs})) FROM {delta} WHERE must_look)"


def leaf_ctes(width: int, domain: Domain, scope: Scope, *, kept: bool) -> str:
    """CTEs up to `diff`: the leaf cells of a scope that are not what the facts say."""
    held = f"{scope.held('rollups_cell')} WHERE c.measure BETWEEN %(low)s AND %(high)s"
    return f"""
WITH {scope.ctes}
facts AS {"NOT" if scope is BY_ACCOUNTS else ""} MATERIALIZED ({pricing.facts(domain, join=scope.facts)}),
{pricing.quote_ctes(kept=kept)},
leaf AS MATERIALIZED ({pricing.leaf(width, domain)}), {diff_ctes("leaf", held, f.LEAF_KEY, f.VALUES)}"""


def _add(table: str, width: int, key: tuple[str, ...], source: str) -> str:
    """Add the differences in `source` to a level, in key order."""
    return f"""
INSERT INTO {table} AS c ({f.columns(key)}, {f.columns(f.VALUES)}, run)
SELECT {f.columns(key)}, {f.columns(f.VALUES)}, %(run)s FROM {source} ORDER BY {f.columns(key)}
    ON CONFLICT ({f.columns(key)}) DO UPDATE SET {", ".join(pricing.added(width))}"""


@cache
def _apply_statement(width: int, domain: Domain) -> str:
    """The leaf of some keys, and by its differences the levels above it."""
    puts = ", ".join(years.put_ctes(width, level, "account_delta") for level in years.LEVELS)
    put = " + ".join(f"(SELECT count(*) FROM put{level.of})" for level in years.LEVELS)
    empty = ", ".join(level.empty for level in years.LEVELS)
    return f"""{leaf_ctes(width, domain, BY_KEYS[domain], kept=True)}, {write_ctes("rollups_cell", f.LEAF_KEY, f.VALUES)},
account_delta AS MATERIALIZED ({_delta(width, f.ACCOUNT_KEY)}),
account_put AS ({_add("rollups_accountcell", width, f.ACCOUNT_KEY, "account_delta")} RETURNING 1),
country_delta AS MATERIALIZED ({_delta(width, f.COUNTRY_KEY)}),
country_put AS ({_add("rollups_countrycell", width, f.COUNTRY_KEY, "country_delta")} RETURNING 1), {puts}
SELECT COALESCE((SELECT sum(facts) FROM leaf), 0)::bigint,
       (SELECT cells FROM written) + (SELECT count(*) FROM account_put) + (SELECT count(*) FROM country_put)
       + {put},
       {_looks(f.ACCOUNT_KEY, "account_delta")}, {_looks(f.COUNTRY_KEY, "country_delta")}, {empty}
"""


@cache
def _leaf_statement(width: int, domain: Domain) -> str:
    """The leaf of whole accounts."""
    return f"""{leaf_ctes(width, domain, BY_ACCOUNTS, kept=True)}, {write_ctes("rollups_cell", f.LEAF_KEY, f.VALUES)}
SELECT COALESCE((SELECT sum(facts) FROM leaf), 0)::bigint, (SELECT cells FROM written)"""


def _years_ctes(width: int, level: years.Level) -> str:
    """CTEs that bring a level of whole accounts' years to what their cells, `summed`, say."""
    key, values, of = level.key, years.VALUES, level.of
    return f"""
summed{of} AS MATERIALIZED ({years.summed(width, level, "summed")}),
{diff_ctes(f"summed{of}", BY_ACCOUNTS.held(level.table), key, values, of=of)},
{write_ctes(level.table, key, values, stamped=False, of=of)}"""


@cache
def _accounts_statement(width: int, *, with_countries: bool) -> str:
    """The cells and years of whole accounts from their leaf, whatever stood there, and by the cells' differences the countries'."""
    leaf, held = BY_ACCOUNTS.held("rollups_cell"), BY_ACCOUNTS.held("rollups_accountcell")
    of_years = ",".join(_years_ctes(width, level) for level in years.LEVELS)
    accounts = f"""
WITH {BY_ACCOUNTS.ctes}
summed AS MATERIALIZED ({pricing.summed(width, f.ACCOUNT_KEY, f"(SELECT c.* FROM {leaf}) leaf")}),
{diff_ctes("summed", held, f.ACCOUNT_KEY, f.VALUES)},
{write_ctes("rollups_accountcell", f.ACCOUNT_KEY, f.VALUES)},
{of_years}"""
    written = " + ".join(f"(SELECT cells FROM written{of})" for of in ("", *(level.of for level in years.LEVELS)))
    if not with_countries:
        return f"{accounts} SELECT {written}, NULL"
    return f"""{accounts},
country_delta AS MATERIALIZED ({_delta(width, f.COUNTRY_KEY)}),
country_put AS ({_add("rollups_countrycell", width, f.COUNTRY_KEY, "country_delta")} RETURNING 1)
SELECT {written} + (SELECT count(*) FROM country_put), {_looks(f.COUNTRY_KEY, "country_delta")}
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
    """CTEs up to `diff`: the sets of places of which another number of deals lies there than is stored."""
    held = scope.held("rollups_accountdeals")
    return f"""
WITH {scope.ctes} wanted AS MATERIALIZED ({f.places(join=scope.facts)}), {diff_ctes("wanted", held, f.DEALS_KEY, ("deals",))}"""


@cache
def _places_statement(scope: Scope, *, with_countries: bool) -> str:
    accounts = f"{_places_ctes(scope)}, {write_ctes('rollups_accountdeals', f.DEALS_KEY, ('deals',), stamped=False)}"
    if not with_countries:
        return f"{accounts} SELECT cells, false FROM written"
    return f"""{accounts},
delta AS (
    SELECT month, outcome, {f.COUNTRIES_OF_PLACES} AS countries, sum(COALESCE(n_deals, 0) - COALESCE(o_deals, 0)) AS deals
      FROM diff GROUP BY 1, 2, 3),
country_put AS (
    INSERT INTO rollups_countrydeals AS c (month, outcome, countries, deals)
    SELECT month, outcome, countries, deals FROM delta WHERE deals <> 0 ORDER BY month, outcome, countries
        ON CONFLICT (month, outcome, countries) DO UPDATE SET deals = c.deals + excluded.deals
    RETURNING deals = 0 AS is_empty)
SELECT (SELECT cells FROM written) + (SELECT count(*) FROM country_put), (SELECT bool_or(is_empty) FROM country_put)
"""


_DROP_EMPTY_DEALS = "DELETE FROM rollups_countrydeals WHERE deals = 0"


def apply(cursor: CursorWrapper, domain: Domain, keys: list[Key], given: dict[str, Any]) -> Written:
    """Recompute the cells of some keys of one domain on every level. `given`: width, as_of, max_age and run."""
    low, high = domain.measures
    accounts, months, units = ([key[at] for key in keys] for at in range(3))
    values = {**given, "accounts": accounts, "months": months, "units": units, "low": low, "high": high}
    width = given["width"]
    found = prepared.run(cursor, f"apply_{domain.name}_{width}", _apply_statement(width, domain), values)
    facts, cells, again_accounts, again_countries, *empty_years = found
    _look(cursor, width, "rollups_accountcell", "rollups_cell", f.ACCOUNT_KEY, again_accounts)
    _look(cursor, width, "rollups_countrycell", "rollups_accountcell", f.COUNTRY_KEY, again_countries)
    for level, empty in zip(years.LEVELS, empty_years, strict=True):
        if empty:
            cursor.execute(level.drop_empty, {"empty": json.dumps(empty)})
    if domain is Domain.DEALS:
        cells += _apply_places(cursor, BY_KEYS[domain], values, with_countries=True)
    return Written(facts, cells)


def apply_accounts(
    cursor: CursorWrapper, accounts: list[int], given: dict[str, Any], *, with_countries: bool = True
) -> Written:
    """Recompute every cell of some accounts on every level, also what nobody but the engine should have changed. The
    countries' cells only `with_countries`: a caller who leaves them out sums them up anew afterwards."""
    facts = cells = 0
    values, width = {**given, "accounts": accounts}, given["width"]
    # The planner knows nothing of what a CTE holds, and would sort a bucket's facts instead of hashing them.
    cursor.execute("SET LOCAL enable_sort = off")
    for domain in Domain:
        low, high = domain.measures
        cursor.execute(_leaf_statement(width, domain), {**values, "low": low, "high": high})
        read, written = cursor.fetchone()
        facts, cells = facts + read, cells + written
    cursor.execute(_accounts_statement(width, with_countries=with_countries), values)
    written, again = cursor.fetchone()
    cursor.execute("SET LOCAL enable_sort = on")
    _look(cursor, width, "rollups_countrycell", "rollups_accountcell", f.COUNTRY_KEY, again)
    placed = _apply_places(cursor, BY_ACCOUNTS, values, with_countries=with_countries)
    return Written(facts, cells + written + placed)


def _look(
    cursor: CursorWrapper, width: int, table: str, below: str, key: tuple[str, ...], again: list[dict[str, Any]] | None
) -> None:
    if again:
        cursor.execute(_look_again(width, table, below, key), {"again": json.dumps(again)})


def _apply_places(cursor: CursorWrapper, scope: Scope, values: dict[str, Any], *, with_countries: bool) -> int:
    statement = _places_statement(scope, with_countries=with_countries)
    changed, is_empty = prepared.run(cursor, f"places_{scope.name}_{int(with_countries)}", statement, values)
    if is_empty:
        cursor.execute(_DROP_EMPTY_DEALS)
    return int(changed)


@cache
def _compare_statement(width: int, domain: Domain, scope: Scope) -> str:
    pending = "k.account_id = d.account_id AND k.month = d.month AND k.domain = %(domain)s"
    if domain is Domain.REVENUE:
        pending += " AND k.org_unit_id = d.org_unit_id"
    return f"""{leaf_ctes(width, domain, scope, kept=False)}
SELECT COALESCE((SELECT sum(facts) FROM leaf), 0)::bigint,
       (SELECT count(*) FROM diff d WHERE NOT EXISTS (SELECT FROM rollups_dirtykey k WHERE {pending}))"""


def _compare_places_statement(scope: Scope) -> str:
    return f"""{_places_ctes(scope)}
SELECT count(*) FROM diff d
 WHERE NOT EXISTS (SELECT FROM rollups_dirtykey k
                    WHERE k.domain = 2 AND k.account_id = d.account_id AND k.month = d.month)"""


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
