"""The roll-up engine against the floor of the same database in the same run: rebuild, single edits, bulk edits, reads."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable

import psycopg2
from django.db import connection

from bench.figures import Figure
from gam.environment import OWNER_ROLE
from money.services import pin_business_date
from rollups import queries, services
from rollups.lens import parse_lens
from users.models import User
from users.permissions import Access

ENTRIES = 20_000_000 if os.environ.get("BENCH_SCALE") == "full" else int(os.environ.get("BENCH_ENTRIES", "100000"))
ACCOUNTS, UNITS, REGIONS = 500, 10, 457
EDITS, SINGLES, INSERTED = 1_000, 40, 20_000
YEAR = {"from": "2023-01", "to": "2023-12"}

# Written as sets: the facts are the ground of the measurement, not its object.
_WORLD = f"""
INSERT INTO money_rateset (code, base_id) VALUES ('spot', 'EUR') ON CONFLICT DO NOTHING;
INSERT INTO money_exchangerate (rate_set_id, currency_id, date, rate)
SELECT 'spot', c, '2021-12-25'::date + n, 1 + (n % 50) / 100.0
  FROM unnest(ARRAY['USD', 'GBP', 'CHF', 'JPY']) c, generate_series(0, 1100) n WHERE extract(isodow FROM '2021-12-25'::date + n) < 6
    ON CONFLICT DO NOTHING;
INSERT INTO regions_region (code, name) SELECT 'B' || n, 'Region ' || n FROM generate_series(0, {REGIONS - 1}) n;
INSERT INTO regions_regionlink (child_id, parent_id, valid_from)
SELECT c.id, p.id, '0001-01-01' FROM generate_series(1, {REGIONS - 1}) n
  JOIN regions_region c ON c.code = 'B' || n JOIN regions_region p ON p.code = 'B' || (n - 1) / 4;
INSERT INTO regions_regioncountry (region_id, country, valid_from)
SELECT r.id, chr(65 + n % 26) || chr(65 + n / 26), '0001-01-01'
  FROM generate_series(0, 199) n JOIN regions_region r ON r.code = 'B' || (n * 2 + 1);
WITH teams AS (INSERT INTO teams_accountteam SELECT FROM generate_series(1, {ACCOUNTS}) RETURNING id)
INSERT INTO accounts_account (code, name, industry, hq_country, lei, website, team_id)
SELECT 'BA' || id, 'Account ' || id, '', '', '', '', id FROM teams;
INSERT INTO accounts_orgunit (account_id, code, name, kind, country, city, lei, languages, time_zone)
SELECT a.id, 'U' || n, 'Unit ' || n, 'legal_entity', '', '', '', '{{}}', '' FROM accounts_account a, generate_series(1, {UNITS}) n;
"""
# Spread by a hash of the number, so that unit, day and amount have nothing to do with each other.
_ENTRIES = """
INSERT INTO revenue_revenueentry (external_id, account_id, org_unit_id, country, kind, date, amount, currency_id)
SELECT %(prefix)s || n, u.account_id, u.id, chr(65 + (u.at %% 26)::int) || chr(65 + (u.at / 26 %% 7)::int), 'recognised',
       '2022-01-01'::date + (h >> 8 & 65535)::int %% 1000, (h >> 24 & 16777215) %% 10000000 / 100.0,
       (ARRAY['EUR', 'USD', 'GBP', 'CHF', 'JPY'])[1 + u.at %% 5]
  FROM (SELECT n, hashint8extended(n, 7) AS h FROM generate_series(%(first)s, %(last)s) n) numbers
  JOIN (SELECT id, account_id, row_number() OVER (ORDER BY id) AS at FROM accounts_orgunit WHERE code LIKE 'U%%') u
    ON u.at = 1 + (h >> 32 & 2147483647) %% %(units)s
"""


def run() -> list[Figure]:
    """Loads a world of its own; returns rates, latencies and their ratios to the floor."""
    pin_business_date(on=parse_lens({"as_of": "2024-06-28"}).as_of, by=None)
    viewer = User.objects.create_user("bench-rollups@example.org", access=Access.EXECUTIVE)
    _sql(_WORLD)
    _insert("bench-", ENTRIES)
    _as_owner("ANALYZE")
    services.rebuild()
    _as_owner("ANALYZE")
    floor = _seconds(lambda: _sql("SELECT month, country, sum(amount) FROM revenue_revenueentry GROUP BY 1, 2"))
    rebuilt = _seconds(services.rebuild)
    single = [_single_edit(number) for number in range(SINGLES)]
    bulk = _bulk_edit()
    lens = parse_lens(YEAR)
    roots = _median(lambda: queries.regions_list(viewer=viewer, lens=lens))
    one = _median(lambda: queries.region_figures(viewer=viewer, code="B0", lens=lens))
    return [
        Figure("roll-up rebuild, two currencies and native", ENTRIES / rebuilt, "facts/s"),
        Figure("rebuild against one grouped sum of the facts", rebuilt / floor, "times"),
        Figure("one edit to exact roll-ups, p50", 1000 * statistics.median(single), "ms"),
        Figure("one edit to exact roll-ups, p95", 1000 * sorted(single)[int(SINGLES * 0.95)], "ms"),
        Figure(f"{EDITS} edits to exact roll-ups", 1000 * bulk, "ms"),
        Figure(f"region with {REGIONS} nodes, a year", 1000 * one, "ms", most=150),
        Figure("all roots and unallocated, a year", 1000 * roots, "ms"),
        Figure("insert with roll-up triggers against none", _insert_cost(), "times", most=1.4),
        Figure("drift after all this", services.verify().drift, "cells", most=0),
    ]


def _sql(statement: str, values: dict[str, str | int] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _median(work: Callable[[], object]) -> float:
    work()
    return statistics.median(_seconds(work) for _ in range(5))


def _insert(prefix: str, rows: int) -> None:
    _sql(_ENTRIES, {"prefix": prefix, "first": 1, "last": rows, "units": ACCOUNTS * UNITS})


def _single_edit(number: int) -> float:
    """From the statement that edits one entry to the end of the drain that follows it."""
    _sql(
        "UPDATE revenue_revenueentry SET amount = amount + 1 WHERE external_id = %(id)s",
        {"id": f"bench-{number * 7 + 1}"},
    )
    return _seconds(services.drain)


def _bulk_edit() -> float:
    _sql(
        "UPDATE revenue_revenueentry SET amount = amount + 1 WHERE external_id IN "
        "(SELECT 'bench-' || n * 11 FROM generate_series(1, %(edits)s) n)",
        {"edits": EDITS},
    )
    return _seconds(services.drain)


def _insert_cost() -> float:
    """The median time of inserts with the engine's trigger, over the same without it; alternating, so that both age alike."""
    with_it, without = [], []
    for turn in range(3):
        with_it.append(_seconds(lambda: _insert(f"on-{turn}-", INSERTED)))  # noqa: B023  called at once
        services.drain()
        _as_owner("ALTER TABLE revenue_revenueentry DISABLE TRIGGER rollups_insert")
        without.append(_seconds(lambda: _insert(f"off-{turn}-", INSERTED)))  # noqa: B023  called at once
        _as_owner("ALTER TABLE revenue_revenueentry ENABLE TRIGGER rollups_insert")
    services.rebuild()
    return statistics.median(with_it) / statistics.median(without)


def _as_owner(statement: str) -> None:
    given = connection.settings_dict
    owner = psycopg2.connect(host=given["HOST"], dbname=given["NAME"], user=OWNER_ROLE)
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute(statement)
    owner.close()
