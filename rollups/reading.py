"""Fetching what a figure adds up: groups of cells and groups of deals, in the reader's sight, in a fixed number of
statements whatever the size of the tree."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection

from core.snapshots import once_a_snapshot
from rollups.formulas import COUNTRIES_OF_PLACES
from rollups.lots import Lots
from rollups.measures import ANY_MEMBER, Book
from rollups.sight import Sight
from rollups.source import Source
from rollups.tally import Deals, Row


def grouped_rows(
    source: Source,
    sight: Sight,
    cells: str,
    places: tuple[str, ...],
    accounts: Sequence[int],
    more: Mapping[str, Any] | None = None,
) -> list[tuple[tuple[Any, ...], Row]]:
    """Cells by the columns `places`, month and measure: first the priced sums, then what has no price, by currency."""
    currency = "x.currency" if source.lens.is_native else "''"
    by = ", ".join([*(f"x.{place}" for place in places), "x.month", "x.measure"])
    positions = ", ".join(str(at) for at in range(1, len(places) + 4))
    groups = f"""
WITH x AS MATERIALIZED (SELECT * FROM {cells} cells)
SELECT {by}, {currency}, sum(x.minor), 0, 0::numeric, min(x.oldest_rate), max(x.newest_priced), max(x.run)
  FROM x GROUP BY {positions}
UNION ALL
SELECT {by}, x.currency, 0, sum(x.unpriced_facts), sum(x.unpriced_native), NULL, NULL, max(x.run)
  FROM x WHERE x.unpriced_facts > 0 GROUP BY {positions}"""
    width = len(places)
    with connection.cursor() as cursor:
        cursor.execute(groups, {**source.given(), **sight.given(), "accounts": list(accounts), **(more or {})})
        return [(found[:width], Row(found[width - 1], *found[width:])) for found in cursor.fetchall()]


def country_cells(source: Source, sight: Sight) -> str:
    """Cells over all accounts that the reader may see: whole countries in her spans, and elsewhere her own accounts'."""
    if sight.is_everything:
        return source.cells("country")
    columns = "month, measure, currency, country, facts, native, minor, unpriced_facts, unpriced_native, oldest_rate, newest_priced, run"
    mine = f"SELECT {columns} FROM {source.cells('country')} c WHERE {sight.by_country('c')}"
    if not sight.whole_account_ids:
        return f"({mine})"
    theirs = f"SELECT {columns} FROM {source.cells('account', of_accounts=True)} a WHERE NOT {sight.by_country('a')}"
    return f"({mine} UNION ALL {theirs})"


def rows_by_country(source: Source, sight: Sight) -> list[Row]:
    """All facts in sight by country."""
    cells = country_cells(source, sight)
    return [row for _, row in grouped_rows(source, sight, cells, ("country",), sight.whole_account_ids)]


def rows_by_lot(source: Source, sight: Sight, lots: Lots) -> list[Row]:
    """Facts in sight by lot, or by country where it lies in none."""
    statement = f"""
SELECT COALESCE(l.lot, x.country), x.month, x.measure, x.currency, sum(x.minor), sum(x.unpriced_facts),
       sum(x.unpriced_native), min(x.oldest_rate), max(x.newest_priced), max(x.run)
  FROM {country_cells(source, sight)} x {lots.JOIN.format(country="x.country", month="x.month")}
 WHERE {lots.IS_ASKED} GROUP BY 1, 2, 3, 4"""
    given = {**source.given(), **sight.given(), **lots.given(), "accounts": sight.whole_account_ids}
    found: list[Row] = []
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        for place, month, measure, currency, minor, facts, native, oldest, newest, run in cursor.fetchall():
            shown = currency if source.lens.is_native else ""
            found.append(Row(place, month, measure, shown, minor, 0, Decimal(0), oldest, newest, run))
            if facts:
                found.append(Row(place, month, measure, currency, Decimal(0), facts, native, None, None, run))
    return found


_BY_COUNTRIES = """
SELECT month, outcome, countries, deals FROM rollups_countrydeals WHERE month BETWEEN %(first)s AND %(last)s
"""
_BY_LOTS = f"""
SELECT month, outcome, COALESCE(l.lot, x.countries), sum(deals)::int
  FROM rollups_countrydeals x {Lots.JOIN.format(country="x.countries", month="x.month")}
 WHERE month BETWEEN %(first)s AND %(last)s AND {Lots.IS_ASKED} GROUP BY 1, 2, 3
"""
_OF_OVERLAY = f"book = {Book.OVERLAY:d} AND member_id = {ANY_MEMBER}"
_OVERLAY_BY_COUNTRIES = f"""
SELECT month, outcome, {COUNTRIES_OF_PLACES}, sum(deals)::int FROM rollups_sharedeals
 WHERE {_OF_OVERLAY} AND month BETWEEN %(first)s AND %(last)s GROUP BY 1, 2, 3
"""


def deals_by_country(source: Source, sight: Sight, lots: Lots | None = None) -> list[Deals]:
    """All deals in sight by the countries where the reader may see them. With `lots`, those that lie in a single country by
    its lot, where she sees everything."""
    lens = source.lens
    given: dict[str, Any] = {"first": lens.first, "last": lens.last}
    statement = _OVERLAY_BY_COUNTRIES if lens.is_overlay else _BY_COUNTRIES
    if lots and sight.is_everything and not lens.is_overlay:
        statement, given = _BY_LOTS, {**given, **lots.given()}
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        found = [(m, outcome, tuple(places.split(",")), n) for m, outcome, places, n in cursor.fetchall()]
    if sight.is_everything:
        return [Deals(*group) for group in found]
    seen = [Deals(month, outcome, _seen(sight, month, places), n) for month, outcome, places, n in found]
    whole = [
        Deals(month, outcome, tuple(set(countries)), n, already=_seen(sight, month, countries))
        for _, month, outcome, _, countries, n in _deals_of_accounts(source, sight.whole_account_ids)
    ]
    return [d for d in seen if d.places] + whole


def _seen(sight: Sight, month: int, countries: Iterable[str]) -> tuple[str, ...]:
    return tuple({country for country in countries if sight.sees(country, month)})


def _deals_of_accounts(source: Source, account_ids: Sequence[int] | None) -> list[tuple[Any, ...]]:
    """Groups of deals: account, month, outcome, unit ids, countries, number. None: of every account."""
    lens = source.lens
    only = "" if account_ids is None else "AND account_id = ANY (%(accounts)s::bigint[])"
    table = f"rollups_sharedeals WHERE {_OF_OVERLAY} AND" if lens.is_overlay else "rollups_accountdeals WHERE"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT account_id, month, outcome, org_unit_ids, countries, deals FROM {table} "
            f"month BETWEEN %(first)s AND %(last)s {only}",
            {"first": lens.first, "last": lens.last, "accounts": list(account_ids or [])},
        )
        return list(cursor.fetchall())


def rows_of_accounts(
    source: Source, sight: Sight, account_ids: Sequence[int], *, place: str = "org_unit_id"
) -> dict[int, list[Row]]:
    """Facts in sight of some accounts, by account and then by unit id (or by `country`)."""
    level = "account" if place == "country" else "unit"
    cells = f"(SELECT * FROM {source.cells(level, of_accounts=True)} u WHERE {sight.of_account('u')})"
    found: dict[int, list[Row]] = defaultdict(list)
    for (account, _), row in grouped_rows(source, sight, cells, ("account_id", place), account_ids):
        found[account].append(row)
    return found


def rows_by_account(source: Source, sight: Sight, condition: str, given: Mapping[str, Any]) -> dict[int, list[Row]]:
    """Facts in sight by account, where their country and month meet `condition` (alias `a`); the account is the place."""
    cells = f"(SELECT * FROM {source.cells('account')} a WHERE {sight.of_account('a')} AND {condition})"
    found: dict[int, list[Row]] = defaultdict(list)
    for (account,), row in grouped_rows(source, sight, cells, ("account_id",), (), given):
        found[account].append(row)
    return found


def deals_of_accounts(
    source: Source, sight: Sight, account_ids: Sequence[int] | None, *, by_country: bool = False
) -> dict[int, list[Deals]]:
    """Deals in sight of some accounts (None: of all) by the units, or the countries, where the reader may see them."""
    found: dict[int, list[Deals]] = defaultdict(list)
    for account, month, outcome, units, countries, n in _deals_of_accounts(source, account_ids):
        whole = sight.sees_whole(account)
        pairs = [(u, c) for u, c in zip(units, countries, strict=True) if whole or sight.sees(c, month)]
        if pairs:
            places = {c if by_country else u for u, c in pairs}
            found[account].append(Deals(month, outcome, tuple(places), n))
    return found


@once_a_snapshot
def last_published() -> dt.date | None:
    """The last day of the spot set: closed facts after it are provisional."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(date) FROM money_exchangerate WHERE rate_set_id = 'spot'")
        found: dt.date | None = cursor.fetchone()[0]
        return found
