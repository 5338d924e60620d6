"""The alignment of customers on a day, read for a person: slots, and the values that she may see."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from accounts.access import Scope, scope_of, sees_money_of
from accounts.models import Account, Contact, OrgUnit
from core.snapshots import one_snapshot
from coverage.alignment import DEFINITION, NO_FACTS, Alignment, Sums, UnitFacts, alignment_of, values_of, whitespace
from coverage.bridges import Bridges
from coverage.mirrors import Mirror
from coverage.models import Coverage
from coverage.nights import Night, night_of
from coverage.parity import Parity
from coverage.relations import NOBODY, People, mirrors, people
from coverage.staffing import Staffing, staffing_of
from coverage.stated import Stated, stated
from money.queries import exponents, reporting_currencies
from rollups.sight import Sight, sight_of
from rollups.unit_worth import products_of_units, sums_of_units
from users.models import User

#: How many accounts are weighed while somebody waits for a page.
AT_ONCE: Final = 1000


@dataclass(frozen=True)
class Weighing:
    """One account's slots and the own facts of its units. Amounts are minor units of `currency`."""

    staffing: Staffing
    facts: Mapping[int, UnitFacts]
    currency: str

    @cached_property
    def alignment(self) -> Alignment:
        one = 10 ** exponents()[self.currency]
        return alignment_of(self.staffing.slots.all, values_of(self.staffing.units, self.facts, one=one))

    def revenue(self, unit: int) -> int:
        """Of the last twelve whole months."""
        return self.facts.get(unit, NO_FACTS).revenue

    @property
    def unknown_potentials(self) -> int:
        """Products of open units whose potential nobody knows: they add nothing to any value."""
        return sum(self.facts[unit].unknown_potentials for unit in self.staffing.units if unit in self.facts)

    @property
    def unpriced(self) -> int:
        """Facts of open units that have no price and are in no value."""
        return sum(self.facts[unit].unpriced for unit in self.staffing.units if unit in self.facts)


def weighings(*, viewer: User, account_ids: Collection[int], on: dt.date) -> dict[int, Weighing]:
    """Of those of `account_ids` that `viewer` sees, in a handful of statements whatever their number."""
    tiers = dict(Account.objects.visible_to(viewer).filter(id__in=account_ids).values_list("id", "tier_id"))
    return _weighings(tiers, sight_of(viewer), on)


def _weighings(tiers: Mapping[int, str | None], sight: Sight, on: dt.date) -> dict[int, Weighing]:
    if not tiers:
        return {}
    with one_snapshot():
        staffing = staffing_of(tiers, on)
        facts = _facts(tiers, sight, on)
    currency = reporting_currencies()[0]
    return {account: Weighing(staffing[account], facts.get(account, {}), currency) for account in tiers}


def _facts(account_ids: Collection[int], sight: Sight, on: dt.date) -> dict[int, dict[int, UnitFacts]]:
    """Own facts by account and unit."""
    found: dict[int, dict[int, UnitFacts]] = defaultdict(dict)
    for account, units in sums_of_units(sight=sight, account_ids=account_ids, on=on).items():
        found[account] = {unit: UnitFacts(s.revenue, s.weighted, unpriced=s.unpriced) for unit, s in units.items()}
    for row in products_of_units(sight=sight, account_ids=account_ids, on=on):
        facts = found[row.account_id].get(row.unit, UnitFacts())
        if row.potential is None:
            facts = replace(facts, unknown_potentials=facts.unknown_potentials + 1)
        else:
            room = whitespace(row.potential, row.revenue, row.open)
            facts = replace(facts, whitespace=facts.whitespace + room)
        found[row.account_id][row.unit] = facts
    return found


@dataclass(frozen=True)
class Report:
    """Everything about an account's alignment on a day. `people` is None for who may not see them.

    Without `has_money` no facts of it are for the reader: its values are all the same, and say nothing in money.
    """

    account: Account
    on: dt.date
    weighing: Weighing
    mirror: Mirror
    people: People | None
    is_restricted: bool
    has_money: bool = True
    definition: int = DEFINITION

    @property
    def bridges(self) -> Mapping[int, Bridges]:
        """Of open units with a relationship; empty for who may not see people."""
        known = self.people.bridges if self.people else {}
        return {unit: found for unit, found in known.items() if unit in self.weighing.staffing.units}

    @property
    def at_risk(self) -> int | None:
        """Revenue behind one person, in minor units; None while no strength of any relationship is known."""
        if all(found.effective is None for found in self.bridges.values()):
            return None
        return sum(found.at_risk(self.weighing.revenue(unit)) for unit, found in self.bridges.items())


def report(*, viewer: User, code: str, on: dt.date | None = None) -> Report:
    """Of a day, the business date unless it is given. Account.DoesNotExist when `viewer` sees none with this code."""
    scope = scope_of(viewer)
    account = account_named(viewer=viewer, code=code)
    day = on or scope.on
    with one_snapshot():
        found = weighings(viewer=viewer, account_ids=[account.pk], on=day)[account.pk]
        mirror = mirrors(staffing={account.pk: found.staffing}, on=day)[account.pk]
        is_whole = scope.is_everything or account.pk in scope.whole_account_ids
        contacts = Contact.objects.visible_to(viewer).filter(account=account)
        seen = people(contacts=contacts, on=day).get(account.pk, NOBODY) if is_whole else None
    return Report(account, day, found, mirror, seen, not is_whole, sees_money_of(viewer, account.pk))


def account_named(*, viewer: User, code: str) -> Account:
    """Account.DoesNotExist also for a code with a NUL, which no text in the database can hold."""
    if "\0" in code:
        raise Account.DoesNotExist
    found: Account = Account.objects.visible_to(viewer).get(code=code)
    return found


def account_alignment(*, viewer: User, code: str, on: dt.date | None = None) -> Stated:
    """The score of one account. Account.DoesNotExist when `viewer` sees none with this code."""
    account = account_named(viewer=viewer, code=code)
    found = weighings(viewer=viewer, account_ids=[account.pk], on=on or scope_of(viewer).on)[account.pk]
    return stated(found.alignment.sums, found.currency, has_money=sees_money_of(viewer, account.pk))


def alignment_in(*, viewer: User, countries: Container[str], on: dt.date | None = None) -> Stated | None:
    """The score of the units in `countries`, of all accounts that `viewer` sees, at what they are worth in their accounts.

    Where more than `AT_ONCE` accounts lie there, the sums of the last night, for who sees everything; None for others.
    """
    scope = scope_of(viewer)
    day = on or scope.on
    seen = OrgUnit.objects.visible_to(viewer).open_on(day).order_by().values_list("account_id", "country").distinct()
    accounts = {account for account, country in seen if str(country) in countries}
    if len(accounts) > AT_ONCE:
        night = night_of(day, by_country=True) if scope.is_everything else None
        return _of_night(night, countries) if night else None
    sums = Sums()
    for found in weighings(viewer=viewer, account_ids=accounts, on=day).values():
        units = found.staffing.units
        sums += found.alignment.of_units([pk for pk, unit in units.items() if unit.country in countries])
    has_money = not accounts or any(sees_money_of(viewer, account) for account in accounts)
    return stated(sums, reporting_currencies()[0], has_money=has_money)


def _of_night(night: Night, countries: Container[str]) -> Stated:
    parts = (sums for country, sums in night.of_countries().items() if country in countries)
    return stated(sum(parts, Sums()), night.currency, night=night.on)


def member_alignment(*, viewer: User, member: int, on: dt.date | None = None) -> Stated:
    """The score of the slots that a member covers, each with her own fill, in all accounts that `viewer` sees."""
    day = on or scope_of(viewer).on
    covered = Coverage.objects.visible_to(viewer).filter(member=member).as_of(day)
    accounts = set(covered.values_list("account_id", flat=True))
    found = weighings(viewer=viewer, account_ids=accounts, on=day).values()
    return stated(sum((one.alignment.of_member(member) for one in found), Sums()), reporting_currencies()[0])


@dataclass(frozen=True)
class Evening:
    """What the history keeps of an account's day: all of its facts and people, whoever will read it."""

    weighing: Weighing
    mirror: Mirror
    parity: Parity


def evening_of(*, account_ids: Collection[int], on: dt.date) -> dict[int, Evening]:
    """For the nightly history, which nobody reads who does not see the account whole."""
    tiers = dict(Account.objects.filter(id__in=account_ids).values_list("id", "tier_id"))
    found = _weighings(tiers, Sight(Scope(on, is_everything=True, sees_all_accounts=True)), on)
    mirror = mirrors(staffing={account: one.staffing for account, one in found.items()}, on=on)
    persons = people(contacts=Contact.objects.filter(account_id__in=tiers), on=on)
    return {
        account: Evening(one, mirror[account], persons.get(account, NOBODY).parity) for account, one in found.items()
    }
