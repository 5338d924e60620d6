"""A small world, and values that are nasty: ties, holes between rates, leap days, moves in the middle of a month."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import connection, models, transaction

from money.services import pin_business_date
from pipeline.models import Opportunity, OpportunityLine, OpportunitySplit
from revenue.models import RevenueEntry
from rollups import services
from tests import factories as make
from users.models import User
from users.permissions import Access


def _days(*texts: str) -> list[dt.date]:
    return [dt.date.fromisoformat(text) for text in texts]


DATES = _days("2023-12-29", "2023-12-31", "2024-01-01", "2024-01-06", "2024-01-31", "2024-02-01", "2024-02-10",
              "2024-02-29", "2024-03-15", "2025-02-28")  # fmt: skip
RATE_DATES = [*DATES, *_days("2023-01-01", "2023-01-17", "2023-02-28", "2022-12-31", "2023-03-03", "2024-01-07")]
AS_OF = [*DATES[3:], *_days("2023-02-28", "2024-01-20", "2030-01-01")]
AMOUNTS = [Decimal(text) for text in
           ("100", "0.005", "0.015", "-0.025", "33.3333", "-7.5", "1234567890.1234", "0", "2.5", "0.0005",
            "99999999999999.9999")]  # fmt: skip
RATES = [Decimal(text) for text in
         ("1.25", "0.8", "160", "0.333333", "3", "1.0001", "0.000000000000000001", "1.000000000000000001", "2")]  # fmt: skip
FOREIGN = ["USD", "JPY", "KWD", "GBP", "ARS"]
CURRENCIES = ["EUR", *FOREIGN]
COUNTRIES = ["DE", "DK", "FR", "US", ""]
REGIONS = ["WORLD", "NORTH", "SOUTH", "NEW"]
KINDS = ["recognised", "booked", "billed"]
STAGES = ["prospecting", "proposal", "negotiation", "won", "lost"]
CHANCES = [None, Decimal("12.34"), Decimal(0), Decimal(100), Decimal("33.33")]
CATEGORIES = ["", "omitted", "commit"]
FACTS: list[Any] = [RevenueEntry, Opportunity, OpportunityLine, OpportunitySplit]
BUDGETS = ["BUDGET", "FORECAST"]
SPLITS = {
    "prime": [[], ["100"], ["60", "40"], ["33.33", "33.33", "33.34"], ["0", "50", "50"]],
    "overlay": [[], ["50"], ["100", "0.01"], ["33.33", "66.67", "50"]],
}


def small_world() -> None:
    """Two accounts of three units with a fact each, four regions, four countries, rates of two years; drained. The lead of
    NORTH is on A0's team."""
    pin_business_date(on=dt.date(2024, 2, 1), by=None)
    regions = [make.RegionFactory(code=code) for code in REGIONS]
    for child in regions[1:3]:
        make.RegionLinkFactory(child=child, parent=regions[0])
    for region, country in ((1, "DK"), (2, "FR"), (0, "DE")):
        make.RegionCountryFactory(region=regions[region], country=country)
    members = [make.MemberFactory(email=f"{name}@x.org") for name in "abc"]
    accounts = [make.AccountFactory(code=f"A{n}") for n in range(2)]
    for account in accounts:
        units = [make.OrgUnitFactory(account=account, code=f"U{n}") for n in range(3)]
        make.OrgLinkFactory(child=units[1], parent=units[0])
        make.RevenueEntryFactory(account=account, org_unit=units[1], currency_id="USD", country="DK")
    make.OpportunityFactory(account=accounts[0], owner=members[0], country="FR", currency_id="KWD")
    make.RateSetFactory()
    for currency, rates in zip(FOREIGN[:4], ("1.25", "160", "0.33", "0.8"), strict=True):
        for day in _days("2023-01-17", "2023-01-18", "2023-02-28", "2024-01-07", "2024-02-01"):
            make.ExchangeRateFactory(currency_id=currency, date=day, rate=Decimal(rates))
    make.UserFactory(email="executive@x.org", access=Access.EXECUTIVE)
    User.objects.create_superuser("root@x.org", make.PASSWORD)
    lead = make.RegionLeadFactory(region=regions[1], user__email="lead@x.org").user
    make.TeamMemberFactory(team=accounts[0].team, member=make.MemberFactory(email="lead@x.org", user=lead))
    services.drain()


def nth(rows: models.QuerySet[Any], n: int) -> Any:
    """The n-th row, modulo how many there are; None of none."""
    found = list(rows.order_by("pk"))
    return found[n % len(found)] if found else None


def end_on(rows: models.QuerySet[Any], day: dt.date) -> None:
    """End what holds from `day` on."""
    rows.filter(valid_from__gte=day).delete()
    rows.filter(models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=day)).update(valid_to=day)


class Example:
    """A part of the test's transaction that is undone as a whole, whatever broke in it."""

    def __init__(self) -> None:
        self.savepoint = transaction.savepoint()

    def undo(self) -> None:
        connection.needs_rollback = False
        transaction.savepoint_rollback(self.savepoint)
        transaction.savepoint_commit(self.savepoint)
