"""What may happen to a small world, as rules that hypothesis draws, orders and shrinks. Rows are named by their number,
modulo how many there are; what the database or a service refuses does not happen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import rule

from accounts.merged import AccountMerge
from accounts.merges import merge_accounts, undo_merge
from accounts.merging import Choices
from accounts.models import Account, OrgLink, OrgUnit
from core.errors import DomainError
from money.models import ExchangeRate, FiscalCalendar, RateSet
from money.services import pin_business_date
from pipeline.models import Opportunity, OpportunityLine, OpportunitySplit, Stage
from regions.models import Region, RegionCountry, RegionLink
from revenue.models import RevenueEntry
from rollups import drain, services, wide
from rollups.measures import BUCKETS
from teams.models import Member
from tests import factories as make
from tests.rollups import worlds as w
from tests.rollups.worlds import end_on, nth
from users.models import User

_n = st.integers(0, 5)
_dates, _amounts, _rates = st.sampled_from(w.DATES), st.sampled_from(w.AMOUNTS), st.sampled_from(w.RATES)
_currencies, _countries = st.sampled_from(w.CURRENCIES), st.sampled_from(w.COUNTRIES)
_sets = st.sampled_from(["spot", "spot", *w.BUDGETS])


def happens(**drawn: Any) -> Callable[[Callable[..., None]], Any]:
    """A rule that is done as a whole, constraints that wait for the end of a transaction included, or not at all."""

    def decorate(event: Callable[..., None]) -> Any:
        @wraps(event)
        def attempt(self: Any, **chosen: Any) -> None:
            try:
                with transaction.atomic():
                    event(self, **chosen)
                    connection.check_constraints()
            except (DatabaseError, DomainError, AccountMerge.DoesNotExist):
                pass

        done: Any = rule(**drawn)(attempt)  # type: ignore[no-untyped-call]  # hypothesis leaves it untyped
        done.happens = event  # for who wants to see what stands in the way
        return done

    return decorate


def _one_of(**values: Any) -> st.SearchStrategy[dict[str, Any]]:
    """A change of one field, to one of its values."""
    return st.sampled_from([{name: value} for name, known in values.items() for value in known])


def _unit(account_id: int, n: int) -> Any:
    """A unit of the account, or none."""
    known = [None, *OrgUnit.objects.filter(account_id=account_id).order_by("pk")]
    return known[n % len(known)]


class Facts:
    """Revenue, deals, lines and shares come, change and go."""

    @happens(
        n=_n,
        unit=_n,
        country=_countries,
        on=_dates,
        amount=_amounts,
        currency=_currencies,
        kind=st.sampled_from(w.KINDS),
    )
    def write_entry(
        self, n: int, unit: int, country: str, on: dt.date, amount: Decimal, currency: str, kind: str
    ) -> None:
        account = nth(Account.objects.all(), n)
        make.RevenueEntryFactory(account=account, org_unit=_unit(account.pk, unit), country=country, date=on, amount=amount,
                                 currency_id=currency, kind=kind)  # fmt: skip

    @happens(
        n=_n,
        change=_one_of(amount=w.AMOUNTS, date=w.DATES, country=w.COUNTRIES, currency_id=w.CURRENCIES, kind=w.KINDS),
    )
    def edit_entry(self, n: int, change: dict[str, Any]) -> None:
        if entry := nth(RevenueEntry.objects.all(), n):
            RevenueEntry.objects.filter(pk=entry.pk).update(**change)

    @happens(n=_n, change=_one_of(country=w.COUNTRIES, date=w.DATES, kind=w.KINDS, currency_id=w.CURRENCIES))
    def edit_all_entries(self, n: int, change: dict[str, Any]) -> None:
        RevenueEntry.objects.filter(account=nth(Account.objects.all(), n)).update(**change)

    @happens(n=_n, to=_n, unit=_n)
    def move_entries(self, n: int, to: int, unit: int) -> None:
        into = nth(Account.objects.all(), to)
        entries = RevenueEntry.objects.filter(account=nth(Account.objects.all(), n))
        entries.update(account=into, org_unit=_unit(into.pk, unit))

    @happens(n=_n, unit=_n, country=_countries, on=_dates, amount=st.sampled_from([*w.AMOUNTS, None]), currency=_currencies,
             stage=st.sampled_from(w.STAGES))  # fmt: skip
    def write_deal(
        self, n: int, unit: int, country: str, on: dt.date, amount: Decimal | None, currency: str, stage: str
    ) -> None:
        account = nth(Account.objects.all(), n)
        make.OpportunityFactory(account=account, org_unit=_unit(account.pk, unit), country=country, close_date=on, amount=amount,
                                currency_id=currency, stage_id=stage)  # fmt: skip

    @happens(n=_n, change=_one_of(amount=w.AMOUNTS, close_date=w.DATES, country=w.COUNTRIES, currency_id=w.CURRENCIES,
             stage_id=w.STAGES, probability=w.CHANCES, forecast_category=w.CATEGORIES, org_unit=[None]))  # fmt: skip
    def edit_deal(self, n: int, change: dict[str, Any]) -> None:
        if deal := nth(Opportunity.objects.all(), n):
            Opportunity.objects.filter(pk=deal.pk).update(**change)

    @happens(n=_n, unit=_n, country=_countries, amount=_amounts, number=_n)
    def write_line(self, n: int, unit: int, country: str, amount: Decimal, number: int) -> None:
        if deal := nth(Opportunity.objects.all(), n):
            make.OpportunityLineFactory(opportunity=deal, account=deal.account, line=number, amount=amount, country=country,
                                        org_unit=_unit(deal.account_id, unit))  # fmt: skip

    @happens(n=_n, change=_one_of(amount=w.AMOUNTS, country=w.COUNTRIES, line=[0, 9], org_unit=[None]))
    def edit_line(self, n: int, change: dict[str, Any]) -> None:
        if line := nth(OpportunityLine.objects.all(), n):
            OpportunityLine.objects.filter(pk=line.pk).update(**change)

    @happens(n=_n, model=st.sampled_from(w.FACTS))
    def remove(self, n: int, model: Any) -> None:
        if row := nth(model.objects.all(), n):
            row.delete()


class Shares:
    """Who has what part of a deal."""

    @happens(n=_n, first=_n, of=st.sampled_from([(kind, parts) for kind, known in w.SPLITS.items() for parts in known]))
    def split(self, n: int, first: int, of: tuple[str, list[str]]) -> None:
        kind, percents = of
        if deal := nth(Opportunity.objects.all(), n):
            OpportunitySplit.objects.filter(opportunity=deal, type=kind).delete()
            members = list(Member.objects.order_by("pk"))
            OpportunitySplit.objects.bulk_create(
                OpportunitySplit(
                    opportunity=deal, member=members[(first + at) % len(members)], type=kind, percent=Decimal(percent)
                )
                for at, percent in enumerate(percents)
            )

    @happens(n=_n, to=_n)
    def hand_over(self, n: int, to: int) -> None:
        if deal := nth(Opportunity.objects.all(), n):
            Opportunity.objects.filter(pk=deal.pk).update(owner=None if to == 5 else nth(Member.objects.all(), to))

    @happens(n=_n, name=st.sampled_from("abcdez"))
    def rename_member(self, n: int, name: str) -> None:
        Member.objects.filter(pk=nth(Member.objects.filter(user=None), n).pk).update(email=f"{name}@x.org")


class Rates:
    """Rates of spot and of budgets are published, restated and withdrawn; budgets appear and disappear."""

    @happens(rates=_sets, currency=_currencies, on=st.sampled_from(w.RATE_DATES), rate=_rates)
    def publish(self, rates: str, currency: str, on: dt.date, rate: Decimal) -> None:
        ExchangeRate.objects.update_or_create(rate_set_id=rates, currency_id=currency, date=on, defaults={"rate": rate})

    @happens(rates=_sets, currency=_currencies, factor=_rates)
    def restate_all(self, rates: str, currency: str, factor: Decimal) -> None:
        ExchangeRate.objects.filter(rate_set_id=rates, currency_id=currency).update(rate=factor)

    @happens(n=st.integers(0, 30), to=st.sampled_from(w.RATE_DATES))
    def redate(self, n: int, to: dt.date) -> None:
        if rate := nth(ExchangeRate.objects.all(), n):
            ExchangeRate.objects.filter(pk=rate.pk).update(date=to)

    @happens(n=st.integers(0, 30))
    def withdraw(self, n: int) -> None:
        if rate := nth(ExchangeRate.objects.all(), n):
            rate.delete()

    @happens(rates=_sets, since=st.sampled_from(w.RATE_DATES))
    def withdraw_all(self, rates: str, since: dt.date) -> None:
        ExchangeRate.objects.filter(rate_set_id=rates, date__gte=since).delete()

    @happens(code=st.sampled_from(w.BUDGETS), base=_currencies, rate=_rates)
    def set_up_budget(self, code: str, base: str, rate: Decimal) -> None:
        make.RateSetFactory(code=code, base_id=base)
        for currency in w.CURRENCIES:
            if currency != base:
                make.ExchangeRateFactory(rate_set_id=code, rate_set=RateSet(pk=code), currency_id=currency,
                                         date=dt.date(2024, 1, 1), rate=rate)  # fmt: skip

    @happens(code=st.sampled_from(w.BUDGETS))
    def drop_budget(self, code: str) -> None:
        ExchangeRate.objects.filter(rate_set_id=code).delete()
        RateSet.objects.filter(code=code).delete()


class Trees:
    """Regions, countries and units move, on dates past and to come."""

    @happens(child=st.sampled_from(w.REGIONS), parent=st.sampled_from([*w.REGIONS, ""]), on=_dates)
    def move_region(self, child: str, parent: str, on: dt.date) -> None:
        region = Region.objects.get(code=child)
        end_on(RegionLink.objects.filter(child=region), on)
        if parent:
            make.RegionLinkFactory(child=region, parent=Region.objects.get(code=parent), valid_from=on)

    @happens(country=st.sampled_from(w.COUNTRIES[:4]), region=st.sampled_from([*w.REGIONS, ""]), on=_dates)
    def move_country(self, country: str, region: str, on: dt.date) -> None:
        end_on(RegionCountry.objects.filter(country=country), on)
        if region:
            make.RegionCountryFactory(region=Region.objects.get(code=region), country=country, valid_from=on)

    @happens(n=_n, child=_n, parent=_n, on=_dates, structure=st.sampled_from(["legal", "legal", "management"]))
    def move_unit(self, n: int, child: int, parent: int, on: dt.date, structure: str) -> None:
        units = OrgUnit.objects.filter(account=nth(Account.objects.all(), n))
        unit, above = nth(units, child), nth(units, parent)
        end_on(OrgLink.objects.filter(child=unit, structure=structure), on)
        if parent < 5:
            make.OrgLinkFactory(child=unit, parent=above, valid_from=on, structure=structure)

    @happens(n=_n, into=_n)
    def merge(self, n: int, into: int) -> None:
        codes = [nth(Account.objects.all(), at).code for at in (n, into)]
        root = User.objects.get(email="root@x.org")
        merge_accounts(gone=codes[0], into=codes[1], choices=Choices(prefix="M-"), by=root)

    @happens(n=_n)
    def undo_merge(self, n: int) -> None:
        if merge := nth(AccountMerge.objects.all(), n):
            undo_merge(pk=merge.pk, by=User.objects.get(email="root@x.org"))


class Settings:
    """What many facts depend on changes: stages, the as-of date, the installation's own settings."""

    @happens(stage=st.sampled_from(w.STAGES), change=_one_of(
        probability=w.CHANCES[1:], outcome=["open", "won", "lost"], forecast_category=["pipeline", "omitted"]))  # fmt: skip
    def change_stage(self, stage: str, change: dict[str, Any]) -> None:
        Stage.objects.filter(pk=stage).update(**change)

    @happens(on=st.sampled_from(w.AS_OF))
    def move_as_of(self, on: dt.date) -> None:
        pin_business_date(on=on, by=None)

    @happens(month=st.sampled_from([1, 2, 4, 10]))
    def begin_fiscal_years_in(self, month: int) -> None:
        FiscalCalendar.objects.update(start_month=month)

    @happens(days=st.sampled_from([7, 7, 0, 40]))
    def let_rates_age(self, days: int) -> None:
        settings.GAM_RATE_MAX_AGE_DAYS = days

    @happens(currencies=st.sampled_from([["EUR", "USD", "JPY"], ["EUR", "USD", "JPY", "KWD"], ["USD", "EUR"]]))
    def report_in(self, currencies: list[str]) -> None:
        settings.GAM_REPORTING_CURRENCIES = currencies


class Work:
    """Whole drains, parts of them, and rebuilds, at any moment."""

    @rule()
    def drain(self) -> None:
        services.drain()

    @rule(n=_n)
    def drain_a_bucket(self, n: int) -> None:
        drain.drain_bucket(nth(Account.objects.all(), n).pk % BUCKETS, wait=True)

    @rule()
    def settle(self) -> None:
        wide.settle(wait=True)

    @rule()
    def rebuild(self) -> None:
        services.rebuild()
