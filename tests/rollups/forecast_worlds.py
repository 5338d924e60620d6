"""A small world of forecasts: two regions and a country in none, a manager with two reports, deals of every category in the second
quarter of 2024. D is 15 May 2024."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.models import Account
from money.services import pin_business_date
from pipeline.models import Opportunity, OpportunitySplit
from regions.models import Region
from rollups.forecast_categories import ForecastPeriod, parse_period
from teams.models import Member
from tests import factories as make
from users.models import User
from users.permissions import Access

D = dt.date(2024, 5, 15)
Q2: ForecastPeriod = parse_period("2024-Q2", 1)


@dataclass
class World:
    emea: Region
    south: Region
    account: Account
    boss: Member
    ann: Member
    bob: Member
    executive: User
    lead: User
    deals: dict[str, Opportunity]


def share(deal: Opportunity, **percents: tuple[Member, str]) -> None:
    """Prime shares, all at once."""
    OpportunitySplit.objects.bulk_create(
        OpportunitySplit(opportunity=deal, member=member, type="prime", percent=Decimal(percent))
        for member, percent in percents.values()
    )


def rates(day: dt.date, usd: str) -> None:
    make.ExchangeRateFactory(currency_id="USD", date=day, rate=Decimal(usd))


def world() -> World:
    pin_business_date(on=D, by=None)
    rates(D - dt.timedelta(days=1), "2")
    emea, south = make.RegionFactory(code="EMEA"), make.RegionFactory(code="SOUTH")
    make.RegionLinkFactory(child=south, parent=emea)
    make.RegionCountryFactory(region=emea, country="DE")
    make.RegionCountryFactory(region=south, country="FR")
    boss = make.MemberFactory(email="boss@x.org")
    ann, bob = (make.MemberFactory(email=f"{name}@x.org", manager=boss) for name in ("ann", "bob"))
    account = make.AccountFactory(code="ACME", name="Acme")
    lead = make.UserFactory(email="lead@x.org", access=Access.REGIONAL_LEAD)
    make.RegionLeadFactory(region=south, user=lead)
    deals = {name: _deal(name, account, **how) for name, how in _deals(ann, bob).items()}
    for line, country, amount in ((1, "DE", "100.01"), (2, "FR", "50")):
        make.OpportunityLineFactory(opportunity=deals["big"], line=line, country=country, amount=Decimal(amount))
    share(deals["big"], first=(ann, "33.33"), second=(bob, "66.67"))
    executive = make.UserFactory(email="chief@x.org", access=Access.EXECUTIVE)
    return World(emea, south, account, boss, ann, bob, executive, lead, deals)


def _deals(ann: Member, bob: Member) -> dict[str, dict[str, Any]]:
    return {
        "big": {"stage_id": "negotiation", "amount": None, "owner": ann},
        "sold": {"stage_id": "won", "amount": Decimal(40), "country": "FR", "close_date": dt.date(2024, 4, 2), "owner": ann},
        "dollar": {"stage_id": "proposal", "amount": Decimal(100), "currency_id": "USD", "country": "FR", "owner": bob},
        "early": {"stage_id": "prospecting", "amount": Decimal(7), "owner": bob},
        "nobody": {"stage_id": "negotiation", "amount": Decimal(9), "country": "US"},
        "aside": {"stage_id": "negotiation", "amount": Decimal(999), "forecast_category": "omitted", "owner": bob},
        "next": {"stage_id": "negotiation", "amount": Decimal(70), "close_date": dt.date(2024, 7, 9), "owner": bob},
        "peso": {"stage_id": "negotiation", "amount": Decimal(50), "currency_id": "ARS", "owner": bob},
    }  # fmt: skip


def _deal(name: str, account: Account, **how: Any) -> Opportunity:
    given = {"country": "DE", "close_date": dt.date(2024, 6, 30), **how}
    deal: Opportunity = make.OpportunityFactory(account=account, external_id=name, name=name, **given)
    return deal
