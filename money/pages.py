"""What the rates page reads: each set's latest rate per currency, how old it is, and where days are missing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max, Min

from money.models import SPOT, ExchangeRate, RateSet
from money.queries import business_date


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
