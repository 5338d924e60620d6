from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max, Min

from core import clock
from core.snapshots import once_a_snapshot
from money.models import CONSTANT, SPOT, BusinessDate, Currency, ExchangeRate, FiscalCalendar, RateSet


@once_a_snapshot
def pinned_date() -> dt.date | None:
    """The as-of date that the environment (`GAM_AS_OF`) or, without it, the organisation has pinned."""
    fixed: dt.date | None = settings.GAM_AS_OF
    if fixed is not None:
        return fixed
    return BusinessDate.objects.filter(id=1).values_list("pinned_on", flat=True).first()


def business_date() -> dt.date:
    """D, the as-of date of every figure: pinned, else today in the organisation's time zone."""
    return pinned_date() or clock.today()


def reporting_currencies() -> list[str]:
    """The short configured list (`GAM_REPORTING_CURRENCIES`); the first is the default of every page."""
    return list(settings.GAM_REPORTING_CURRENCIES)


@once_a_snapshot
def rates_on_offer() -> list[str]:
    """What a figure may be priced with: `spot`, `constant`, and every budget set by its code."""
    budgets = RateSet.objects.exclude(code=SPOT).order_by("code").values_list("code", flat=True)
    return [SPOT, CONSTANT, *budgets]


class _Exponents(dict[str, int]):
    """A code that is not known yet may have come with an upgrade since: everything is read again."""

    def __missing__(self, code: str) -> int:
        self.update(Currency.objects.values_list("code", "exponent"))
        if code not in self:
            raise KeyError(code)
        return self[code]


@cache
def exponents() -> Mapping[str, int]:
    """Decimals of the minor unit by currency code. ISO 4217 fixes them; they are read once a process."""
    return _Exponents(Currency.objects.values_list("code", "exponent"))


@once_a_snapshot
def fiscal_start_month() -> int:
    """The month in which the default fiscal year starts."""
    found = FiscalCalendar.objects.order_by("code").values_list("start_month", flat=True).first()
    return found if found is not None else int(settings.GAM_FISCAL_YEAR_START)


@dataclass(frozen=True)
class CurrencyRates:
    """One currency of a set. `gap` is its longest stretch without a rate, in days; `age` that since the latest one."""

    currency: str
    name: str
    latest_on: dt.date
    rate: Decimal
    age: int
    first_on: dt.date
    rates: int
    gap: int
    gap_from: dt.date | None

    @property
    def is_stale(self) -> bool:
        """Whether a fact of today would be counted and not priced."""
        return self.age > settings.GAM_RATE_MAX_AGE_DAYS


@dataclass(frozen=True)
class RateSetView:
    code: str
    base: str
    currencies: list[CurrencyRates]
    has_age_limit: bool

    @property
    def stale(self) -> int:
        return sum(row.is_stale for row in self.currencies)


def rate_sets() -> list[RateSetView]:
    """Every rate set with its currencies, in three statements whatever the rates."""
    on = business_date()
    sums = ExchangeRate.objects.values("rate_set", "currency").annotate(
        Count("pk"), first=Min("date"), last=Max("date")
    )
    known = {(row["rate_set"], row["currency"]): row for row in sums.order_by()}
    gaps = _longest_gaps()
    sets: dict[str, list[CurrencyRates]] = {}
    for rate in ExchangeRate.objects.in_force(on).select_related("currency"):
        row = known[rate.rate_set_id, rate.currency_id]
        gap, since = gaps.get((rate.rate_set_id, rate.currency_id), (0, None))
        sets.setdefault(rate.rate_set_id, []).append(
            CurrencyRates(
                currency=rate.currency_id,
                name=rate.currency.name,
                latest_on=rate.date,
                rate=rate.rate.normalize(),
                age=(on - rate.date).days,
                first_on=row["first"],
                rates=row["pk__count"],
                gap=gap,
                gap_from=since,
            )
        )
    found = RateSet.objects.order_by("code")
    views = [RateSetView(s.code, s.base_id, sets.get(s.code, []), s.code == SPOT) for s in found]
    return sorted(views, key=lambda view: (not view.has_age_limit, view.code))


def _longest_gaps() -> dict[tuple[str, str], tuple[int, dt.date | None]]:
    """By set and currency, the longest stretch between two rates that follow each other, and where it begins."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT ON (rate_set_id, currency_id) rate_set_id, currency_id, following - date, date
                 FROM (SELECT rate_set_id, currency_id, date, lead(date) OVER
                              (PARTITION BY rate_set_id, currency_id ORDER BY date) AS following
                         FROM money_exchangerate) pairs
                WHERE following IS NOT NULL ORDER BY rate_set_id, currency_id, following - date DESC, date DESC"""
        )
        return {(rate_set, currency): (days, since) for rate_set, currency, days, since in cursor.fetchall()}
