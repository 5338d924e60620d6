"""The levels above the accounts, over all of them, and which accounts there are."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from rollups import formulas as f
from rollups import locks, pricing, years
from rollups.measures import BUCKETS


def accounts_gone() -> list[int]:
    """Accounts that only cells still know."""
    gone = "NOT EXISTS (SELECT FROM accounts_account a WHERE a.id = c.account_id)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT account_id FROM rollups_accountcell c WHERE {gone} "
            f"UNION SELECT DISTINCT account_id FROM rollups_accountdeals c WHERE {gone}"
        )
        return [row[0] for row in cursor.fetchall()]


def accounts_of(bucket: int, gone: list[int]) -> list[int]:
    """The accounts of a bucket, and those of it that are `gone`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_account WHERE id %% %s = %s ORDER BY id", [BUCKETS, bucket])
        return [row[0] for row in cursor.fetchall()] + [account for account in gone if account % BUCKETS == bucket]


def fill_prices(given: dict[str, Any]) -> None:
    """Keep the price of every currency and day of the facts, so that buckets need not look for them one by one."""
    locks.lock_prices()
    with connection.cursor() as cursor:
        # A table of its own: only so does the planner read the facts in parallel.
        cursor.execute(
            "CREATE TEMP TABLE pairs ON COMMIT DROP AS SELECT currency_id AS currency, date AS rate_on "
            "FROM revenue_revenueentry GROUP BY 1, 2 UNION SELECT currency_id, close_date FROM pipeline_opportunity"
        )
        cursor.execute(pricing.fill("pairs"), given)
        cursor.execute("DROP TABLE pairs")


def wrong_prices(cursor: CursorWrapper, given: dict[str, Any]) -> int:
    """How many prices are kept that the rates don't say any more."""
    cursor.execute(pricing.WRONG, given)
    return int(cursor.fetchone()[0])


def deals_by_countries(source: str) -> str:
    """How many deals lie in each set of countries."""
    return (
        f"SELECT month, outcome, countries, sum(deals)::int AS deals FROM (SELECT month, outcome, "
        f"{f.COUNTRIES_OF_PLACES} AS countries, deals FROM {source}) s GROUP BY month, outcome, countries"
    )


def publish(width: int, run: int) -> int:
    """Bring the countries' cells to the sum of the accounts'; returns how many rows differed.

    They follow every batch by its differences, so nothing is found here unless somebody else wrote to the tables.
    """
    with connection.cursor() as cursor:
        # All accounts' cells are read: by as many processes as there are, whatever starting them is thought to cost.
        cursor.execute(
            "SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL work_mem = '192MB'"
        )
        cells = _replace(
            cursor,
            "rollups_countrycell",
            pricing.summed(width, f.COUNTRY_KEY, "rollups_accountcell"),
            f.COUNTRY_KEY,
            f.VALUES,
            run,
        )
        deals = _replace(
            cursor,
            "rollups_countrydeals",
            deals_by_countries("rollups_accountdeals"),
            f.COUNTRY_DEALS_KEY,
            ("deals",),
            None,
        )
        return cells + deals


def _replace(
    cursor: CursorWrapper, table: str, text: str, key: tuple[str, ...], values: tuple[str, ...], run: int | None
) -> int:
    equal = f"{f.same(key, 'c', 'w')} AND ({f.columns(values, 'c')}) IS NOT DISTINCT FROM ({f.columns(values, 'w')})"
    stamp, names = ("", "") if run is None else (f", {int(run)}", ", run")
    cursor.execute(f"CREATE TEMP TABLE want ON COMMIT DROP AS {text}")
    cursor.execute("ANALYZE want")
    cursor.execute(f"DELETE FROM {table} c WHERE NOT EXISTS (SELECT FROM want w WHERE {equal})")
    changed = int(cursor.rowcount)
    cursor.execute(
        f"INSERT INTO {table} ({f.columns(key)}, {f.columns(values)}{names}) "
        f"SELECT {f.columns(key, 'w')}, {f.columns(values, 'w')}{stamp} FROM want w "
        f"WHERE NOT EXISTS (SELECT FROM {table} c WHERE {f.same(key, 'c', 'w')}) ORDER BY {f.columns(key, 'w')}"
    )
    changed += cursor.rowcount
    cursor.execute("DROP TABLE want")
    return int(changed)


def drift(cursor: CursorWrapper, given: dict[str, Any]) -> int:
    """Cells above the leaf that are not the sum of the level below them, which holds at every instant."""
    width = given["width"]
    levels = [
        ("rollups_accountcell", pricing.summed(width, f.ACCOUNT_KEY, "rollups_cell"), f.ACCOUNT_KEY, f.VALUES),
        *(
            (level.table, years.summed(width, level, "rollups_accountcell"), level.key, years.VALUES)
            for level in years.LEVELS
        ),
        ("rollups_countrycell", pricing.summed(width, f.COUNTRY_KEY, "rollups_accountcell"), f.COUNTRY_KEY, f.VALUES),
        ("rollups_countrydeals", deals_by_countries("rollups_accountdeals"), f.COUNTRY_DEALS_KEY, ("deals",)),
    ]
    found = 0
    for held, wanted, key, values in levels:
        cursor.execute(
            f"SELECT count(*) FROM {held} c FULL JOIN ({wanted}) w ON {f.same(key, 'c', 'w')} "
            f"WHERE ({f.columns(values, 'c')}) IS DISTINCT FROM ({f.columns(values, 'w')})",
            given,
        )
        found += int(cursor.fetchone()[0])
    return found
