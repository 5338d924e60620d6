"""An independent answer to every figure: ROLLUPS' meaning in plain loops over the rows of the fact tables.

Slow and obvious on purpose. It shares nothing with the engine: no SQL aggregate, no cell, no tree, no conversion.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.conf import settings

from accounts.models import OrgLink, OrgUnit
from money.models import Currency, ExchangeRate, RateSet
from pipeline.models import Opportunity
from regions.models import Region, RegionCountry, RegionLink
from revenue.models import RevenueEntry

MEANS = {"constant": 1, "month_average": 0}  # of the month so many years before
KEYS = ("revenue", "pipeline_open", "pipeline_weighted", "won", "lost")


@dataclass(frozen=True)
class Fact:
    account: int
    unit: int | None
    country: str
    on: dt.date
    key: str
    currency: str
    amount: Fraction
    rate_on: dt.date
    counted: int = 1


@dataclass(frozen=True)
class Deal:
    on: dt.date
    outcome: str
    places: frozenset[tuple[int, int | None, str]]
    holders: frozenset[str] = frozenset()


def month_end(day: dt.date) -> dt.date:
    following = dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return following - dt.timedelta(days=1)


def rounded(value: Fraction) -> int:
    """Half-even, by hand."""
    below = value.numerator // value.denominator
    rest = value - below
    if rest == Fraction(1, 2):
        return below if below % 2 == 0 else below + 1
    return below + 1 if rest > Fraction(1, 2) else below


class Oracle:
    """Reads every row once, then answers by looping."""

    def __init__(
        self,
        as_of: dt.date,
        goal: str,
        kind: str = "recognised",
        tree: str | dt.date = "then",
        *,
        rates: str = "spot",
        structure: str = "legal",
    ) -> None:
        self.as_of, self.goal, self.kind, self.tree, self.lens_rates = as_of, goal, kind, tree, rates
        published = "spot" if rates in MEANS else rates
        self.pivot = next((s.base_id for s in RateSet.objects.all() if s.code == published), None)
        self.rates = [
            (r.currency_id, r.date, Fraction(r.rate)) for r in ExchangeRate.objects.filter(rate_set=published)
        ]
        self.last_day = max((date for _, date, _ in self.rates), default=None)
        self.exponent = {c.code: c.exponent for c in Currency.objects.all()}
        self.links = list(RegionLink.objects.all())
        self.countries = list(RegionCountry.objects.all())
        self.org_links = list(OrgLink.objects.filter(structure=structure))
        self.units = {unit.pk: unit for unit in OrgUnit.objects.all()}
        self.regions = {region.pk: region.code for region in Region.objects.all()}
        self.facts = list(self._facts())
        self.deals = list(self._deals())

    def _facts(self) -> Iterator[Fact]:
        for e in RevenueEntry.objects.filter(kind=self.kind):
            yield Fact(
                e.account_id,
                e.org_unit_id,
                str(e.country) or "ZZ",
                e.date,
                "revenue",
                e.currency_id,
                Fraction(e.amount),
                e.date,
            )
        for deal in Opportunity.objects.select_related("stage").prefetch_related("lines"):
            outcome = deal.stage.outcome
            if outcome == "open" and (deal.forecast_category or deal.stage.forecast_category) == "omitted":
                continue
            chance = deal.stage.probability if deal.probability is None else deal.probability
            for unit, country, amount in self._lines(deal):
                if amount is None:
                    continue
                where = (deal.account_id, unit, country, deal.close_date)
                if outcome == "open":
                    yield Fact(*where, "pipeline_open", deal.currency_id, Fraction(amount), self.as_of)
                    yield Fact(
                        *where,
                        "pipeline_weighted",
                        deal.currency_id,
                        Fraction(amount) * Fraction(chance) / 100,
                        self.as_of,
                    )
                else:
                    yield Fact(*where, outcome, deal.currency_id, Fraction(amount), deal.close_date)

    def _lines(self, deal: Opportunity) -> list[tuple[int | None, str, Decimal | None]]:
        lines = sorted(deal.lines.all(), key=lambda line: line.line)
        if lines:
            return [(line.org_unit_id, str(line.country) or "ZZ", line.amount) for line in lines]
        return [(deal.org_unit_id, str(deal.country) or "ZZ", deal.amount)]

    def _deals(self) -> Iterator[Deal]:
        for deal in Opportunity.objects.select_related("stage").prefetch_related("lines"):
            outcome = deal.stage.outcome
            if outcome == "open" and (deal.forecast_category or deal.stage.forecast_category) == "omitted":
                continue
            places = {(deal.account_id, unit, country) for unit, country, _ in self._lines(deal)}
            yield Deal(deal.close_date, outcome, frozenset(places))

    def restrict_to(self, accounts: Collection[int], region: str, now: dt.date) -> None:
        """Leave what the lead of a region sees who is on some accounts' teams: those accounts whole, and facts whose country
        is in her region now or was on their month's last day. A deal lies where she sees its lines."""

        def seen(of: int, country: str, on: dt.date) -> bool:
            days = (now, month_end(on))
            return of in accounts or any(region in self.regions_above(country, day) for day in days)

        self.facts = [fact for fact in self.facts if seen(fact.account, fact.country, fact.on)]
        self.deals = [
            replace(deal, places=frozenset(p for p in deal.places if seen(p[0], p[2], deal.on))) for deal in self.deals
        ]

    def leg(self, currency: str, day: dt.date) -> tuple[Fraction, dt.date | None] | None:
        """Units for one pivot, and the date that it goes back to."""
        if currency == self.pivot:
            return Fraction(1), None
        known = [(date, rate) for code, date, rate in self.rates if code == currency]
        if self.lens_rates in MEANS:
            month = (day.year - MEANS[self.lens_rates], day.month)
            known = [(date, rate) for date, rate in known if (date.year, date.month) == month]
            return (sum(rate for _, rate in known) / Fraction(len(known)), min(known)[0]) if known else None
        known = [(date, rate) for date, rate in known if date <= day]
        if self.lens_rates == "spot":
            known = [(date, rate) for date, rate in known if (day - date).days <= settings.GAM_RATE_MAX_AGE_DAYS]
        return max(known)[::-1] if known else None

    def legs(self, fact: Fact) -> list[tuple[Fraction, dt.date | None] | None]:
        """The source's and the goal's leg; none for a fact in the goal's currency."""
        if self.goal in ("native", fact.currency):
            return []
        if self.pivot is None:
            return [None]
        return [self.leg(fact.currency, fact.rate_on), self.leg(self.goal, fact.rate_on)]

    def minor(self, fact: Fact) -> int | None:
        goal = fact.currency if self.goal == "native" else self.goal
        price = Fraction(1)
        if legs := self.legs(fact):
            source, other = legs[0], legs[-1]
            if source is None or other is None:
                return None
            price = other[0] / source[0]
        return rounded(fact.amount * price * 10 ** self.exponent[goal])

    def oldest_rate(self, fact: Fact) -> dt.date | None:
        return min((leg[1] for leg in self.legs(fact) if leg and leg[1]), default=None)

    def is_provisional(self, fact: Fact) -> bool:
        """A closed fact after the last published day, priced with the latest rate in reach."""
        is_closed = fact.key in ("revenue", "won", "lost")
        foreign = self.lens_rates == "spot" and bool(self.legs(fact))
        return is_closed and foreign and self.last_day is not None and fact.rate_on > self.last_day

    def day(self, on: dt.date) -> dt.date:
        if isinstance(self.tree, dt.date):
            return self.tree
        return self.as_of if self.tree == "now" else month_end(on)

    def regions_above(self, country: str, day: dt.date) -> list[str]:
        """Codes of the regions above a country, nearest first."""
        found: list[str] = []
        here = self._in_force([row for row in self.countries if str(row.country) == country], day)
        region = here.region_id if here else None
        while region is not None:
            found.append(self.regions[region])
            link = self._in_force([row for row in self.links if row.child_id == region], day)
            region = link.parent_id if link else None
        return found

    def units_above(self, unit: int, day: dt.date) -> list[str]:
        found: list[str] = []
        node: int | None = unit
        while node is not None:
            found.append(self.units[node].code)
            link = self._in_force([row for row in self.org_links if row.child_id == node], day)
            node = link.parent_id if link else None
        return found

    @staticmethod
    def _in_force(rows: list[Any], day: dt.date) -> Any:
        for row in rows:
            if row.valid_from <= day and (row.valid_to is None or day < row.valid_to):
                return row
        return None

    def region_child(self, region: str) -> Callable[[int, int | None, str, dt.date], str | None]:
        def child(_account: int, _unit: int | None, country: str, on: dt.date) -> str | None:
            path = self.regions_above(country, self.day(on))
            if region == "unallocated":
                return None if path else country
            if region not in path:
                return None
            at = path.index(region)
            return path[at - 1] if at else country

        return child

    def account_child(self, account_id: int) -> Callable[[int, int | None, str, dt.date], str | None]:
        def child(account: int, unit: int | None, _country: str, on: dt.date) -> str | None:
            if account != account_id:
                return None
            return "unallocated" if unit is None else self.units_above(unit, self.day(on))[-1]

        return child

    def unit_child(self, account_id: int, code: str) -> Callable[[int, int | None, str, dt.date], str | None]:
        def child(account: int, unit: int | None, _country: str, on: dt.date) -> str | None:
            if account != account_id:
                return None
            path = ["unallocated"] if unit is None else self.units_above(unit, self.day(on))
            if code not in path:
                return None
            at = path.index(code)
            return path[at - 1] if at else "own"

        return child

    def node(
        self, child_of: Callable[[int, int | None, str, dt.date], str | None], first: str, last: str
    ) -> dict[str, Any]:
        """Totals, months and children: money in minor units by key (and currency if native), unpriced facts, counts."""
        found: dict[str, Any] = {"total": {}, "months": {}, "children": {}, "oldest": [], "is_provisional": False}

        def add(on: dt.date, child: str, key: Any, value: Any) -> None:
            for part in (
                found["total"],
                found["months"].setdefault(f"{on:%Y-%m}", {}),
                found["children"].setdefault(child, {}),
            ):
                part[key] = part.get(key, 0) + value

        for fact in self.facts:
            child = child_of(fact.account, fact.unit, fact.country, fact.on)
            if child is None or not first <= f"{fact.on:%Y-%m}" <= last:
                continue
            minor = self.minor(fact)
            if minor is None:
                add(fact.on, child, ("unpriced", fact.key, fact.currency), fact.counted)
                add(fact.on, child, ("native", fact.key, fact.currency), fact.amount)
            else:
                add(fact.on, child, (fact.key, fact.currency) if self.goal == "native" else fact.key, minor)
                found["oldest"] += [day for day in [self.oldest_rate(fact)] if day]
                found["is_provisional"] |= self.is_provisional(fact)
        for deal in self.deals:
            if first <= f"{deal.on:%Y-%m}" <= last:
                touched = {child for place in deal.places if (child := child_of(*place, deal.on)) is not None}
                key = f"opportunities_{deal.outcome}"
                for part in [found["children"].setdefault(child, {}) for child in touched]:
                    part[key] = part.get(key, 0) + 1
                if touched:
                    for part in (found["total"], found["months"].setdefault(f"{deal.on:%Y-%m}", {})):
                        part[key] = part.get(key, 0) + 1
        return found
