"""The facts that the engine is measured on: written as sets, because they are the ground of the measurement, not its object.

Units, days and amounts are drawn by a hash of the fact's number, so that they have nothing to do with each other.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2
from django.db import connection

from gam.embedded.postgres import SUPERUSER
from gam.environment import OWNER_ROLE

REGIONS = 457


@dataclass(frozen=True)
class Scale:
    """How many facts, and over how many accounts and units they lie."""

    entries: int
    deals: int
    accounts: int
    units: int


FULL = Scale(20_000_000, 2_000_000, 20_000, 20)
QUICK = Scale(100_000, 10_000, 500, 10)


def scale() -> Scale:
    """`BENCH_SCALE=full`: 20 million entries. A number: so many, with the rest in the same proportion."""
    asked = os.environ.get("BENCH_SCALE", "")
    if asked == "full":
        return FULL
    if asked.isdigit():
        entries = int(asked)
        return Scale(entries, entries // 10, max(1, entries // 1000), 20)
    return QUICK


_WORLD = """
INSERT INTO money_rateset (code, base_id) VALUES ('spot', 'EUR') ON CONFLICT DO NOTHING;
INSERT INTO money_exchangerate (rate_set_id, currency_id, date, rate)
SELECT 'spot', c, '2020-12-25'::date + n, 1 + (n %% 50) / 100.0
  FROM unnest(ARRAY['USD', 'GBP', 'CHF', 'JPY']) c, generate_series(0, 1465) n WHERE extract(isodow FROM '2020-12-25'::date + n) < 6
    ON CONFLICT DO NOTHING;
INSERT INTO regions_region (code, name) SELECT 'B' || n, 'Region ' || n FROM generate_series(0, %(regions)s - 1) n;
INSERT INTO regions_regionlink (child_id, parent_id, valid_from)
SELECT c.id, p.id, '0001-01-01' FROM generate_series(1, %(regions)s - 1) n
  JOIN regions_region c ON c.code = 'B' || n JOIN regions_region p ON p.code = 'B' || (n - 1) / 4;
INSERT INTO regions_regioncountry (region_id, country, valid_from)
SELECT r.id, chr(65 + n %% 26) || chr(65 + n / 26), '0001-01-01'
  FROM generate_series(0, 181) n JOIN regions_region r ON r.code = 'B' || (n * 2 + 1);
WITH teams AS (INSERT INTO teams_accountteam SELECT FROM generate_series(1, %(accounts)s) RETURNING id)
INSERT INTO accounts_account (code, name, industry, hq_country, lei, website, team_id)
SELECT 'BA' || id, 'Account ' || id, '', '', '', '', id FROM teams;
INSERT INTO accounts_orgunit (account_id, code, name, kind, country, city, lei, languages, time_zone)
SELECT a.id, 'U' || n, 'Unit ' || n, 'legal_entity', '', '', '', '{}', ''
  FROM accounts_account a, generate_series(1, %(units)s) n;
"""
_PLACES = """
CREATE TABLE IF NOT EXISTS bench_place AS
SELECT row_number() OVER (ORDER BY id) AS at, id, account_id FROM accounts_orgunit WHERE code LIKE 'U%%';
CREATE UNIQUE INDEX IF NOT EXISTS bench_place_at ON bench_place (at) INCLUDE (id, account_id);
ANALYZE bench_place;
GRANT SELECT ON bench_place TO PUBLIC
"""
_OF_A_FACT = """
       chr(65 + (u.at %% 26)::int) || chr(65 + (u.at / 26 %% 7)::int),
       '2022-01-01'::date + (h >> 8 & 65535)::int %% 1000, (h >> 24 & 16777215) %% 10000000 / 100.0,
       (ARRAY['EUR', 'USD', 'GBP', 'CHF', 'JPY'])[1 + u.at %% 5]
  FROM (SELECT n, hashint8extended(n, 7) AS h FROM generate_series(%(first)s, %(last)s) n) numbers
  JOIN bench_place u ON u.at = 1 + (h >> 32 & 2147483647) %% (SELECT count(*) FROM bench_place)
"""
_ENTRIES = f"""
INSERT INTO revenue_revenueentry (external_id, account_id, org_unit_id, kind, country, date, amount, currency_id)
SELECT %(prefix)s || n, u.account_id, u.id, 'recognised', {_OF_A_FACT}
"""
_DEALS = f"""
INSERT INTO pipeline_opportunity
    (external_id, account_id, org_unit_id, name, stage_id, forecast_category, country, close_date, amount, currency_id)
SELECT %(prefix)s || n, u.account_id, u.id, 'Deal ' || n, (ARRAY['won', 'lost', 'proposal', 'negotiation'])[1 + n %% 4], '',
       {_OF_A_FACT}
"""


def load(size: Scale) -> None:
    """The whole world of a size, with statistics and visibility as a database has them that is looked after."""
    run(_WORLD, {"regions": REGIONS, "accounts": size.accounts, "units": size.units})
    as_owner(_PLACES)
    for table, text, rows in (
        ("revenue_revenueentry", _ENTRIES, size.entries),
        ("pipeline_opportunity", _DEALS, size.deals),
    ):
        with unwatched(table) as cursor:
            for first in range(1, rows + 1, 1_000_000):
                cursor.execute(text, {"prefix": "bench-", "first": first, "last": min(rows, first + 999_999)})
        as_owner(f"SELECT accounts_fill_presence('{table}')")
    as_owner("VACUUM ANALYZE")


def insert_entries(prefix: str, rows: int) -> None:
    """Entries as the product writes them: with every trigger and constraint."""
    run(_ENTRIES, {"prefix": prefix, "first": 1, "last": rows})


def run(statement: str, values: dict[str, Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or {})


def as_owner(statement: str) -> None:
    own = _connect(OWNER_ROLE)
    with own.cursor() as cursor:
        cursor.execute(statement)
    own.close()


def _connect(user: str) -> Any:
    given = connection.settings_dict
    own = psycopg2.connect(host=given["HOST"], dbname=given["NAME"], user=user)
    own.autocommit = True
    return own


@contextmanager
def unwatched(table: str) -> Iterator[Any]:
    """A cursor for which `table` has no triggers and no indexes but its keys', which come back at the end."""
    own = _connect(SUPERUSER)
    with own.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET maintenance_work_mem = '1GB'")
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
            "WHERE indrelid = %s::regclass AND NOT indisunique AND NOT indisexclusion",
            [table],
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield cursor
        for _name, definition in indexes:
            cursor.execute(definition)
    own.close()
