"""Sums of cells, and of facts for a month that has passed in part only. Amounts are in minor units of the currency.

Cells are by month. Where the newest fact of a cell is later than the day asked for, the month's facts up to that day are
priced by the database's one conversion and added up instead, so that a part of a month is exact too; or, where fewer days are
still to come, those after it are taken from the cell, which holds each of them at the same price.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import DecimalField, F, Max, Q, QuerySet, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from accounts.access import may_see_country, may_see_fact, scope_of
from core import months
from money.models import SPOT
from revenue.models import RevenueEntry
from rollups import measures as rollup_measures
from rollups.account_queries import at_lens
from rollups.measures import NO_COUNTRY, REVENUE_KINDS
from rollups.models import AccountCell, CountryCell, ShareCell
from rollups.standing import standing
from users.models import User
from workspace.ground import Ground, by_run
from workspace.periods import Elapsed, Period

#: Whose (an account's id, 0: everybody's), which country, which month.
Key = tuple[int, str, int]
EVERYBODY = 0


@dataclass(frozen=True)
class Book:
    """In which currency (empty: each in its own), of which kind of revenue, for whom; at which rates, in which book."""

    viewer: User
    currency: str
    revenue_kind: str
    rates: str = SPOT
    is_overlay: bool = False

    @property
    def measure(self) -> int:
        return int(REVENUE_KINDS[self.revenue_kind])

    def cells(self) -> list[QuerySet[Any]]:
        """Cells of the lens that the viewer may see, of all measures, as sets that have nothing in common: whole countries by
        country alone, and elsewhere those of her own accounts."""
        if self.is_overlay:
            return [self.account_cells()]
        scope, hers = scope_of(self.viewer), may_see_country(self.viewer)
        if scope.is_everything:
            return [CountryCell.objects.all()]
        own = AccountCell.objects.filter(account_id__in=scope.whole_account_ids).exclude(hers)
        return [CountryCell.objects.filter(hers), own]

    def account_cells(self) -> QuerySet[Any]:
        if not self.is_overlay:
            return AccountCell.objects.filter(may_see_fact(self.viewer))
        return ShareCell.objects.filter(may_see_fact(self.viewer), book=rollup_measures.Book.OVERLAY)

    def sum_of(self, column: str, *, only: Q | None = None) -> Coalesce:
        """The total of a column under the book's lens, of the cells that meet `only`."""
        one = at_lens(column, self.currency, self.rates)
        return Coalesce(Sum(one, filter=only), Value(0), output_field=DecimalField())


@dataclass(frozen=True)
class MonthSum:
    """Revenue of one key. `newest_fact` is the last day that has a fact."""

    minor: int
    facts: int
    unpriced_facts: int
    newest_fact: dt.date | None

    def __add__(self, other: MonthSum) -> MonthSum:
        newest = max(filter(None, (self.newest_fact, other.newest_fact)), default=None)
        return MonthSum(
            self.minor + other.minor, self.facts + other.facts, self.unpriced_facts + other.unpriced_facts, newest
        )


def revenue(
    book: Book, ranges: Iterable[Period], *, accounts: Collection[int] | None = None, country: str = ""
) -> dict[Key, MonthSum]:
    """Revenue that the viewer may see by country (all, or one) and month of `ranges`: everybody's, or each of `accounts`'.
    The overlay book has none."""
    if book.is_overlay:
        return {}
    sets = book.cells() if accounts is None else [book.account_cells().filter(account_id__in=accounts)]
    wanted = Q()
    for period in ranges:
        wanted |= Q(month__range=(period.first, period.last))
    here = wanted & Q(country=country) if country else wanted
    whose = Value(EVERYBODY) if accounts is None else F("account_id")
    found: dict[Key, MonthSum] = {}
    for cells in sets:
        for key, part in _summed(book, cells.filter(here, measure=book.measure), whose):
            found[key] = found[key] + part if key in found else part
    return found


def _summed(book: Book, cells: QuerySet[Any], whose: Combinable) -> Iterator[tuple[Key, MonthSum]]:
    rows = cells.order_by().annotate(whose=whose).values_list("whose", "country", "month")
    sums = rows.annotate(
        total=book.sum_of("minor"),
        number=Sum("facts"),
        without=book.sum_of("unpriced_facts"),
        newest=Max("newest_fact"),
    )
    for who, country, month, minor, facts, unpriced, newest in sums:
        yield (who, country, month), MonthSum(int(minor), facts, int(unpriced), newest)


def passed(book: Book, cells: Mapping[Key, MonthSum], part: Elapsed, ground: Ground) -> dict[Key, int]:
    """Revenue of what has passed of a period, inside `ground`; its whole months are those of `cells`."""
    whole = part.whole.numbers if part.whole else range(0)
    found = {key: s.minor for key, s in cells.items() if key[2] in whole and ground.holds(key[1], key[2])}
    if not part.days:
        return found
    late: dict[Key, int] = {}
    for key, cell in cells.items():
        if key[2] != part.month or not ground.holds(key[1], key[2]):
            continue
        if cell.newest_fact is None or cell.newest_fact <= part.last_day:
            found[key] = cell.minor
        else:
            late[key] = cell.minor
    return {**found, **_first_days(book, late, part)}


def _first_days(book: Book, late: Mapping[Key, int], part: Elapsed) -> dict[Key, int]:
    """Revenue of the first days of a month for keys whose cells hold later ones too, with what the cells hold."""
    if not late:
        return {}
    is_nearly_over = 2 * part.days > months.last_day(part.month).day
    # A cell that lags behind its facts would be left with the difference.
    if is_nearly_over and standing().is_fresh:
        to_come = _priced(book, late, part.month, Q(date__gt=part.last_day))
        return {key: minor - to_come.get(key, 0) for key, minor in late.items()}
    gone_by = _priced(book, late, part.month, Q(date__lte=part.last_day))
    return {key: gone_by.get(key, 0) for key in late}


def _priced(book: Book, late: Collection[Key], month: int, days: Q) -> dict[Key, int]:
    """Revenue of some days of a month, from the facts themselves."""
    countries = {"" if code == NO_COUNTRY else code for _, code, _ in late}
    facts = RevenueEntry.objects.visible_to(book.viewer).filter(
        days, kind=book.revenue_kind, month=month, country__in=countries
    )
    accounts = {who for who, _, _ in late}
    whose = "0"
    if accounts != {EVERYBODY}:
        facts, whose = facts.filter(account_id__in=accounts), "f.account_id"
    columns = facts.order_by().values("account_id", "country", "currency_id", "date", "amount")
    sql, params = columns.query.sql_with_params()
    values = [*params, book.rates, book.currency, settings.GAM_RATE_MAX_AGE_DAYS, book.currency]
    with connection.cursor() as cursor:
        cursor.execute(_PRICED.format(facts=sql, whose=whose), values)
        return {(who, country or NO_COUNTRY, month): int(minor) for who, country, minor in cursor.fetchall()}


# One look-up of a rate for each currency and day, not for each fact.
_PRICED = """
WITH facts AS ({facts}),
quotes AS MATERIALIZED (
    SELECT d.currency_id, d.date, q.numerator, q.denominator
      FROM (SELECT DISTINCT currency_id, date FROM facts) d
     CROSS JOIN LATERAL money_quote(%s, d.currency_id, %s, d.date, %s) q)
SELECT {whose}, f.country, sum(money_half_even(f.amount, q.numerator * ('1e' || c.exponent)::numeric, q.denominator))
  FROM facts f JOIN quotes q USING (currency_id, date) JOIN money_currency c ON c.code = %s
 GROUP BY 1, 2
"""


def inside(ground: Ground, period: Period) -> Q:
    """Cells (columns `country`, `month`) of `period` whose facts lie inside `ground`."""
    if ground.country:
        held = [month for month in period.numbers if ground.holds(ground.country, month)]
        return Q(country=ground.country, month__in=held)
    return _anywhere_inside(ground) & Q(month__range=(period.first, period.last))


def _anywhere_inside(ground: Ground) -> Q:
    if ground.is_unallocated:
        return ~_any_of(by_run(ground.allocated_spans()))
    return Q() if ground.region is None else _any_of(by_run(ground.spans()))


def _any_of(runs: dict[tuple[int, int], list[str]]) -> Q:
    found = Q(country__in=[])
    for (first, last), countries in runs.items():
        found |= Q(country__in=countries, month__range=(first, last))
    return found
