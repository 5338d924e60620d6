"""A small world and the things that happen to it, as data that hypothesis can draw and shrink."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, models, transaction

from accounts.models import OrgLink
from money.models import ExchangeRate
from money.services import pin_business_date
from pipeline.models import Opportunity, OpportunityLine, OpportunitySplit, Stage
from regions.models import RegionCountry, RegionLink
from revenue.models import RevenueEntry
from rollups import services
from teams.models import Member
from tests import factories as make

DATES = [dt.date(2023, 12, 29), dt.date(2023, 12, 31), dt.date(2024, 1, 1), dt.date(2024, 1, 6), dt.date(2024, 1, 31),
         dt.date(2024, 2, 1), dt.date(2024, 2, 10), dt.date(2024, 2, 29), dt.date(2024, 3, 15)]  # fmt: skip
AMOUNTS = [Decimal(text) for text in
           ("100", "0.005", "0.015", "-0.025", "33.3333", "-7.5", "1234567890.1234", "0", "2.5", "0.0005")]  # fmt: skip
RATES = [Decimal(text) for text in ("1.25", "0.8", "160", "0.333333", "3", "1.0001")]
CURRENCIES = ["EUR", "USD", "JPY", "KWD", "GBP", "ARS"]
COUNTRIES = ["DE", "DK", "FR", "US", ""]
KINDS = ["recognised", "recognised", "booked", "billed"]
STAGES = ["prospecting", "proposal", "negotiation", "won", "lost"]
CHANCES = [None, Decimal("12.34"), Decimal(0), Decimal(100), Decimal("33.33")]
CATEGORIES = ["", "omitted", "commit"]
SPLITS = {
    "prime": [[], ["100"], ["60", "40"], ["33.33", "33.33", "33.34"], ["0", "50", "50"]],
    "overlay": [[], ["50"], ["100", "0.01"], ["33.33", "66.67", "50"]],
}


class World:
    """Two accounts of three units, three regions, five countries; every choice is an index, taken modulo."""

    def __init__(self) -> None:
        self.accounts = [make.AccountFactory(code=f"A{n}") for n in range(2)]
        self.units = [[make.OrgUnitFactory(account=a, code=f"U{n}") for n in range(3)] for a in self.accounts]
        self.members = [make.MemberFactory(email=f"{name}@x.org") for name in "abc"]
        self.regions = [make.RegionFactory(code=code) for code in ("WORLD", "NORTH", "SOUTH")]
        make.RateSetFactory()
        for child in self.regions[1:]:
            make.RegionLinkFactory(child=child, parent=self.regions[0])
        for region, country in ((1, "DK"), (2, "FR"), (0, "DE")):
            make.RegionCountryFactory(region=self.regions[region], country=country)
        for units in self.units:
            make.OrgLinkFactory(child=units[1], parent=units[0])
        for currency in CURRENCIES[1:5]:
            for day, rate in zip(DATES[::3], RATES, strict=False):
                make.ExchangeRateFactory(currency_id=currency, date=day, rate=rate)

    def happen(self, name: str, a: int, b: int, c: int) -> None:
        """One thing happens; what the database refuses does not."""
        try:
            with transaction.atomic():
                getattr(self, name)(a, b, c)
        except DatabaseError:
            pass

    def _unit(self, account: int, n: int) -> Any:
        return [*self.units[account % 2], None][n % 4]

    def _place(self, a: int, b: int, c: int) -> dict[str, Any]:
        return {"account": self.accounts[a % 2], "org_unit": self._unit(a, b), "country": COUNTRIES[c % 5],
                "currency_id": CURRENCIES[(a + b) % 6], "amount": AMOUNTS[(b + c) % 10]}  # fmt: skip

    def add_entry(self, a: int, b: int, c: int) -> None:
        make.RevenueEntryFactory(**self._place(a, b, c), date=DATES[(a + c) % 9], kind=KINDS[b % 4])

    def add_deal(self, a: int, b: int, c: int) -> None:
        deal: dict[str, Any] = {**self._place(a, b, c), **({"amount": None} if c % 7 == 6 else {})}
        make.OpportunityFactory(
            **deal,
            stage_id=STAGES[b % 5],
            close_date=DATES[(a + c) % 9],
            probability=CHANCES[c % 5],
            forecast_category=CATEGORIES[a % 3],
        )

    def add_line(self, a: int, b: int, c: int) -> None:
        if deal := _nth(Opportunity.objects.all(), a):
            place = {"org_unit": self._unit(self.accounts.index(deal.account), b), "country": COUNTRIES[c % 5]}
            number = deal.lines.count() + 100 * c + 1
            make.OpportunityLineFactory(
                opportunity=deal, account=deal.account, line=number, amount=AMOUNTS[(b + c) % 10], **place
            )

    def edit_entry(self, a: int, b: int, c: int) -> None:
        change: list[dict[str, Any]] = [{"amount": AMOUNTS[c % 10]}, {"date": DATES[c % 9]}, {"country": COUNTRIES[c % 5]},
                  {"currency_id": CURRENCIES[c % 6]}, {"kind": KINDS[c % 4]}, {"org_unit": None}]  # fmt: skip
        if entry := _nth(RevenueEntry.objects.all(), a):
            RevenueEntry.objects.filter(pk=entry.pk).update(**change[b % 6])

    def edit_deal(self, a: int, b: int, c: int) -> None:
        change: list[dict[str, Any]] = [{"amount": AMOUNTS[c % 10]}, {"close_date": DATES[c % 9]}, {"country": COUNTRIES[c % 5]},
                  {"currency_id": CURRENCIES[c % 6]}, {"stage_id": STAGES[c % 5]}, {"probability": CHANCES[c % 5]},
                  {"forecast_category": CATEGORIES[c % 3]}]  # fmt: skip
        if deal := _nth(Opportunity.objects.all(), a):
            Opportunity.objects.filter(pk=deal.pk).update(**change[b % 7])

    def edit_line(self, a: int, b: int, c: int) -> None:
        change: list[dict[str, Any]] = [{"amount": AMOUNTS[c % 10]}, {"country": COUNTRIES[c % 5]}, {"org_unit": None}]
        if line := _nth(OpportunityLine.objects.all(), a):
            OpportunityLine.objects.filter(pk=line.pk).update(**change[b % 3])

    def renumber_line(self, a: int, b: int, _c: int) -> None:
        if line := _nth(OpportunityLine.objects.all(), a):
            OpportunityLine.objects.filter(pk=line.pk).update(line=b)

    def split(self, a: int, b: int, c: int) -> None:
        if deal := _nth(Opportunity.objects.all(), a):
            kind = ["prime", "overlay"][b % 2]
            OpportunitySplit.objects.filter(opportunity=deal, type=kind).delete()
            percents = SPLITS[kind][c % len(SPLITS[kind])]
            OpportunitySplit.objects.bulk_create(
                OpportunitySplit(
                    opportunity=deal, member=self.members[(b + n) % 3], type=kind, percent=Decimal(percent)
                )
                for n, percent in enumerate(percents)
            )

    def hand_over(self, a: int, b: int, _c: int) -> None:
        if deal := _nth(Opportunity.objects.all(), a):
            Opportunity.objects.filter(pk=deal.pk).update(owner=[*self.members, None][b % 4])

    def rename_member(self, a: int, b: int, _c: int) -> None:
        Member.objects.filter(pk=self.members[a % 3].pk).update(email=f"{'abcdez'[b % 6]}@x.org")

    def remove(self, a: int, b: int, _c: int) -> None:
        model: Any = [RevenueEntry, Opportunity, OpportunityLine, ExchangeRate, OpportunitySplit][b % 5]
        if row := _nth(model.objects.all(), a):
            row.delete()

    def publish_rate(self, a: int, b: int, c: int) -> None:
        ExchangeRate.objects.update_or_create(
            rate_set_id="spot", currency_id=CURRENCIES[1 + a % 5], date=DATES[b % 9], defaults={"rate": RATES[c % 6]}
        )

    def change_stage(self, a: int, b: int, c: int) -> None:
        change: list[dict[str, Any]] = [{"probability": CHANCES[1 + c % 4]}, {"outcome": ["open", "won", "lost"][c % 3]},
                  {"forecast_category": ["pipeline", "omitted"][c % 2]}]  # fmt: skip
        Stage.objects.filter(pk=STAGES[a % 5]).update(**change[b % 3])

    def move_as_of(self, a: int, _b: int, _c: int) -> None:
        pin_business_date(on=DATES[a % 9], by=None)

    def move_region(self, a: int, b: int, c: int) -> None:
        child, parent = self.regions[a % 3], self.regions[b % 3]
        _from(RegionLink.objects.filter(child=child), DATES[c % 9])
        if a % 4:
            make.RegionLinkFactory(child=child, parent=parent, valid_from=DATES[c % 9])

    def move_country(self, a: int, b: int, c: int) -> None:
        country = COUNTRIES[a % 4]
        _from(RegionCountry.objects.filter(country=country), DATES[c % 9])
        if b % 4:
            make.RegionCountryFactory(region=self.regions[b % 3], country=country, valid_from=DATES[c % 9])

    def move_unit(self, a: int, b: int, c: int) -> None:
        units = self.units[a % 2]
        child, parent = units[b % 3], units[c % 3]
        _from(OrgLink.objects.filter(child=child), DATES[(b + c) % 9])
        if c % 4:
            make.OrgLinkFactory(child=child, parent=parent, valid_from=DATES[(b + c) % 9])

    def drain(self, _a: int, _b: int, _c: int) -> None:
        services.drain()


EVENTS = sorted(name for name in vars(World) if not name.startswith("_") and name != "happen")


def _nth(rows: Any, n: int) -> Any:
    """The n-th row, modulo how many there are."""
    found = list(rows.order_by("pk"))
    return found[n % len(found)] if found else None


def _from(rows: Any, day: dt.date) -> None:
    """End what holds from `day` on."""
    rows.filter(valid_from__gte=day).delete()
    rows.filter(models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=day)).update(valid_to=day)
