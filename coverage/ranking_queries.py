"""Accounts by their gap in money: of a region, a country, a member, or of all that a reader sees.

Up to `AT_ONCE` accounts are weighed as they stand. Of more, who sees everything gets the scores of the last night, a page at a
time; whoever sees a part has to narrow them, because a night holds all facts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from django.db.models import F, OuterRef, QuerySet

from accounts.access import scope_of, sees_money_of
from accounts.models import Account, OrgUnit
from accounts.querysets import AccountQuerySet
from core.cursors import Order, window
from coverage.alignment import Sums
from coverage.models import Coverage, CoveragePolicy
from coverage.nights import Night, night_of
from coverage.stated import Stated, stated
from coverage.weighing import AT_ONCE, Weighing, weighings
from money.queries import reporting_currencies
from teams.models import Member
from users.models import User

#: How many accounts of a night stand on one page.
PAGE: Final = 100
_LARGEST_GAP: Final = Order(F("gap_of_night"), descending=True, nullable=False)


@dataclass(frozen=True)
class Asked:
    """Of which accounts and of which of their slots. `countries` None: wherever; `member`: the slots that she covers."""

    countries: frozenset[str] | None = None
    member: Member | None = None
    tier: str = ""
    words: str = ""


@dataclass(frozen=True)
class RankedAccount:
    """An account with the sums of its slots that were asked for."""

    account: Account
    sums: Sums
    currency: str
    has_money: bool = True

    @cached_property
    def stated(self) -> Stated:
        return stated(self.sums, self.currency, has_money=self.has_money)

    @property
    def rank(self) -> tuple[bool, int, str, str]:
        """The largest gap first; behind them, without money, the most empty slots."""
        return (
            not self.has_money,
            -(self.sums.gap if self.has_money else self.sums.empty),
            self.account.name,
            self.account.code,
        )


@dataclass(frozen=True)
class Ranking:
    """The largest gap first, behind them accounts of which no money is for the reader. `accounts` lie there; with
    `is_too_many` none of them is listed.

    Of a `night`, `rows` are a page whose neighbours begin at the cursors `previous` and `next`; `whole` is of all pages.
    """

    on: dt.date
    rows: tuple[RankedAccount, ...]
    accounts: int
    currency: str
    whole_sums: Sums
    night: Night | None = None
    previous: str = ""
    next: str = ""
    has_money: bool = True

    @property
    def is_too_many(self) -> bool:
        return self.accounts > AT_ONCE and self.night is None

    @cached_property
    def whole(self) -> Stated:
        return stated(self.whole_sums, self.currency, has_money=self.has_money)


def ranking(*, viewer: User, asked: Asked, on: dt.date | None = None, after: str = "", before: str = "") -> Ranking:
    """Of the accounts that `viewer` sees, at the values that she may see. Without any slot there an account is not listed.

    `after` and `before` are cursors of a ranking by night; one that can't be read is the first page.
    """
    day = on or scope_of(viewer).on
    accounts = _accounts(viewer, asked, day)
    found = {account.pk: account for account in accounts[: AT_ONCE + 1]}
    if len(found) <= AT_ONCE:
        return _weighed(viewer, asked, day, found)
    night = _night(viewer, asked, day)
    if night is None:
        return Ranking(day, (), accounts.count(), reporting_currencies()[0], Sums())
    whole, many = night.together(accounts.order_by().values("pk"))
    page = window(_by_gap(night, accounts), _LARGEST_GAP, size=PAGE, after=after, before=before)
    return Ranking(day, _of_night(night, page.rows), many, night.currency, whole, night, page.previous, page.next)


def ranked_by_night(*, viewer: User, asked: Asked, night: Night, on: dt.date) -> Iterator[RankedAccount]:
    """All pages of a ranking by night, one after the other."""
    after, accounts = "", _by_gap(night, _accounts(viewer, asked, on))
    while True:
        page = window(accounts, _LARGEST_GAP, size=AT_ONCE, after=after)
        yield from _of_night(night, page.rows)
        if not (after := page.next):
            return


def _weighed(viewer: User, asked: Asked, day: dt.date, found: Mapping[int, Account]) -> Ranking:
    rows = []
    for pk, weighing in weighings(viewer=viewer, account_ids=found, on=day).items():
        sums = _sums(weighing, asked)
        if sums.slots:
            rows.append(RankedAccount(found[pk], sums, weighing.currency, sees_money_of(viewer, pk)))
    rows.sort(key=lambda row: row.rank)
    whole = sum((row.sums for row in rows), Sums())
    in_money = [row for row in rows if row.has_money]
    whole = replace(whole, gap=sum(row.sums.gap for row in in_money)) if in_money else whole
    has_money = bool(in_money) or not rows
    return Ranking(day, tuple(rows), len(rows), reporting_currencies()[0], whole, has_money=has_money)


def _night(viewer: User, asked: Asked, day: dt.date) -> Night | None:
    """None for whom a night would show more than she may see, and of a member, of whom a night says nothing."""
    if not scope_of(viewer).is_everything or asked.member is not None:
        return None
    night = night_of(day, by_country=asked.countries is not None)
    return night if night is None or asked.countries is None else night.within(asked.countries)


def _by_gap(night: Night, accounts: AccountQuerySet) -> QuerySet[Account]:
    return accounts.annotate(gap_of_night=night.gap_of(OuterRef("pk"))).filter(gap_of_night__isnull=False)


def _of_night(night: Night, accounts: Sequence[Account]) -> tuple[RankedAccount, ...]:
    sums = night.of_accounts([account.pk for account in accounts])
    return tuple(RankedAccount(account, sums[account.pk], night.currency) for account in accounts)


def _sums(weighing: Weighing, asked: Asked) -> Sums:
    if asked.member is not None:
        return weighing.alignment.of_member(asked.member.pk)
    units = weighing.staffing.units
    if asked.countries is None:
        return weighing.alignment.sums
    return weighing.alignment.of_units([pk for pk, unit in units.items() if unit.country in asked.countries])


def _accounts(viewer: User, asked: Asked, day: dt.date) -> AccountQuerySet:
    rows = Account.objects.visible_to(viewer).select_related("tier")
    rows = rows.filter(tier__in=CoveragePolicy.objects.values("tier"))
    if asked.countries is not None:
        there = OrgUnit.objects.open_on(day).filter(country__in=asked.countries)
        rows = rows.filter(pk__in=there.values("account_id"))
    if asked.member is not None:
        rows = rows.filter(pk__in=Coverage.objects.as_of(day).filter(member=asked.member).values("account_id"))
    if asked.tier:
        rows = rows.filter(tier=asked.tier)
    found: AccountQuerySet = (rows.named(asked.words) if asked.words else rows).order_by("pk")
    return found
