"""Accounts by their gap in money: of a region, a country, a member, or of all that a reader sees."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from accounts.access import scope_of
from accounts.models import Account, OrgUnit
from accounts.querysets import AccountQuerySet
from coverage.alignment import Sums
from coverage.models import Coverage
from coverage.stated import Stated, stated
from coverage.weighing import AT_ONCE, Weighing, weighings
from money.queries import reporting_currencies
from teams.models import Member
from users.models import User


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

    @cached_property
    def stated(self) -> Stated:
        return stated(self.sums, self.currency)


@dataclass(frozen=True)
class Ranking:
    """The largest gap first. `accounts` lie there, of which only `AT_ONCE` are weighed at once: more are `is_too_many`."""

    on: dt.date
    rows: tuple[RankedAccount, ...]
    accounts: int
    currency: str

    @property
    def is_too_many(self) -> bool:
        return self.accounts > AT_ONCE

    @cached_property
    def whole(self) -> Stated:
        return stated(sum((row.sums for row in self.rows), Sums()), self.currency)


def ranking(*, viewer: User, asked: Asked, on: dt.date | None = None) -> Ranking:
    """Of the accounts that `viewer` sees, at the values that she may see. Without any slot there an account is not listed."""
    day = on or scope_of(viewer).on
    found = {account.pk: account for account in _accounts(viewer, asked, day)[: AT_ONCE + 1]}
    if len(found) > AT_ONCE:
        return Ranking(day, (), _accounts(viewer, asked, day).count(), reporting_currencies()[0])
    rows = []
    for pk, weighing in weighings(viewer=viewer, account_ids=found, on=day).items():
        sums = _sums(weighing, asked)
        if sums.slots:
            rows.append(RankedAccount(found[pk], sums, weighing.currency))
    rows.sort(key=lambda row: (-row.sums.gap, row.account.name, row.account.code))
    return Ranking(day, tuple(rows), len(found), reporting_currencies()[0])


def _sums(weighing: Weighing, asked: Asked) -> Sums:
    if asked.member is not None:
        return weighing.alignment.of_member(asked.member.pk)
    units = weighing.staffing.units
    if asked.countries is None:
        return weighing.alignment.sums
    return weighing.alignment.of_units([pk for pk, unit in units.items() if unit.country in asked.countries])


def _accounts(viewer: User, asked: Asked, day: dt.date) -> AccountQuerySet:
    rows = Account.objects.visible_to(viewer).select_related("tier").filter(tier__policies__isnull=False).distinct()
    if asked.countries is not None:
        there = OrgUnit.objects.open_on(day).filter(country__in=asked.countries)
        rows = rows.filter(pk__in=there.values("account_id"))
    if asked.member is not None:
        rows = rows.filter(pk__in=Coverage.objects.as_of(day).filter(member=asked.member).values("account_id"))
    if asked.tier:
        rows = rows.filter(tier=asked.tier)
    found: AccountQuerySet = (rows.named(asked.words) if asked.words else rows).order_by("pk")
    return found
