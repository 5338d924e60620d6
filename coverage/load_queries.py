"""Who of us carries how much, read for a person: of accounts that she sees, and saying where there is more."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.db.models import Count, F, Q

from accounts.access import may_see_account, scope_of
from accounts.filters import countries_in_region
from accounts.models import Relationship
from coverage.load import Held, Load, Place, Rates, Seat, load_of
from coverage.load_models import AccountTypeLoad, LoadSettings, RoleLoad
from coverage.models import Coverage
from teams.models import Member, TeamMember
from teams.queries import members
from users.models import User


def load_rates() -> Rates:
    """The band and the hours as the administrator set them."""
    setting = LoadSettings.objects.filter(pk=1).first() or LoadSettings()
    roles = list(RoleLoad.objects.values_list("role_id", "hours_per_unit", "manages"))
    return Rates(
        least=setting.least_accounts,
        most=setting.most_accounts,
        per_contact=setting.hours_per_contact,
        per_unit=setting.hours_per_unit,
        by_role={role: hours for role, hours, _manages in roles if hours is not None},
        by_type=dict(AccountTypeLoad.objects.values_list("account_type_id", "weight")),
        manages=frozenset(role for role, _hours, manages in roles if manages),
    )


@dataclass(frozen=True)
class Burdens:
    """What members hold on a day, and the settings to weigh it by."""

    rates: Rates
    held: Mapping[int, Held]
    types: Mapping[int, str | None]

    def of(self, member: int, capacity: Decimal | None, *, held: Held | None = None) -> Load:
        """The load of a member, or what it would be if she held `held`."""
        return load_of(held or self.held_by(member), self.types, self.rates, capacity)

    def held_by(self, member: int) -> Held:
        return self.held.get(member, Held())


def burdens(*, viewer: User | None, member_ids: Collection[int] | None = None, on: dt.date) -> Burdens:
    """Of `member_ids`, or of everybody, in six statements. With `viewer`, of what she may see; without, all of it: for
    arithmetic that must not overload anybody, and that shows nothing of it."""
    only = Q() if member_ids is None else Q(member_id__in=member_ids)
    seats: dict[int, set[Seat]] = defaultdict(set)
    places: dict[int, set[Place]] = defaultdict(set)
    contacts: dict[int, dict[int, int]] = defaultdict(dict)
    types: dict[int, str | None] = {}
    serving = TeamMember.objects.as_of(on).filter(only, _named(viewer, "team__account"), team__account__isnull=False)
    for member, account, kind, role in serving.values_list(
        "member_id", "team__account", "team__account__account_type", "role_id"
    ):
        seats[member].add(Seat(account, role))
        types[account] = kind
    covering = Coverage.objects.as_of(on).filter(only, _named(viewer, "account_id"))
    for member, account, kind, unit, role in covering.values_list(
        "member_id", "account_id", "account__account_type", "org_unit_id", "role_id"
    ):
        places[member].add(Place(account, unit, role))
        types[account] = kind
    known = Relationship.objects.all() if viewer is None else Relationship.objects.visible_to(viewer)
    counted = known.filter(only).values_list("member_id", "contact__account_id", "contact__account__account_type")
    for member, account, kind, many in counted.annotate(many=Count("id")):
        contacts[member][account] = many
        types[account] = kind
    found = {
        member: Held(frozenset(seats[member]), frozenset(places[member]), contacts[member])
        for member in {*seats, *places, *contacts}
    }
    return Burdens(load_rates(), found, types)


def _named(viewer: User | None, account: str) -> Q:
    return Q() if viewer is None else may_see_account(viewer, account)


@dataclass(frozen=True)
class Carrier:
    """A member with her load of what the reader sees; `is_part`: there is more that the reader may not see."""

    member: Member
    load: Load
    band: str
    is_part: bool

    @property
    def name(self) -> str:
        return str(self.member)


@dataclass(frozen=True)
class TeamLoad:
    """Everybody's load on a day. `shown` are those that the filters leave, in their order."""

    on: dt.date
    rates: Rates
    everybody: list[Carrier]
    shown: list[Carrier]

    @cached_property
    def managers(self) -> list[Carrier]:
        return [one for one in self.everybody if one.load.accounts]

    @property
    def outside(self) -> int:
        return sum(one.band in {"below", "above"} for one in self.managers)

    @property
    def over(self) -> int:
        return sum(one.load.is_over is True for one in self.everybody)

    @property
    def unknown(self) -> int:
        return sum(one.load.capacity is None for one in self.everybody)

    @property
    def is_part(self) -> bool:
        return any(one.is_part for one in self.everybody)


@dataclass(frozen=True)
class Chosen:
    """How the reader narrows the loads: a region, a text, a state, a number of accounts, and their order."""

    region: str = ""
    search: str = ""
    show: str = ""
    accounts: int | None = None
    sort: str = "hours"


def team_load(*, viewer: User, chosen: Chosen, on: dt.date | None = None) -> TeamLoad:
    """The loads of the colleagues whom `viewer` may look up, on the business date unless a day is given."""
    scope = scope_of(viewer)
    day = on or scope.on
    people = members(viewer=viewer).order_by(F("full_name"), "id")
    if chosen.region:
        people = people.filter(country__in=countries_in_region(viewer=viewer, code=chosen.region))
    seen = burdens(viewer=viewer, on=day)
    whole = seen if scope.is_everything else burdens(viewer=None, on=day)
    everybody = [_carrier(member, seen, whole) for member in people]
    return TeamLoad(day, seen.rates, everybody, _ordered(filter(_Test(chosen), everybody), chosen.sort))


def _carrier(member: Member, seen: Burdens, whole: Burdens) -> Carrier:
    load = seen.of(member.pk, member.weekly_hours)
    return Carrier(member, load, seen.rates.band(load.accounts), seen.held_by(member.pk) != whole.held_by(member.pk))


@dataclass(frozen=True)
class _Test:
    chosen: Chosen

    def __call__(self, one: Carrier) -> bool:
        words = self.chosen.search.casefold().split()
        named = f"{one.member} {one.member.email}".casefold()
        counted = self.chosen.accounts in (None, one.load.accounts)
        return all(word in named for word in words) and counted and self._stands(one)

    def _stands(self, one: Carrier) -> bool:
        match self.chosen.show:
            case "outside":
                return one.band in {"below", "above"}
            case "over":
                return one.load.is_over is True
            case "unknown":
                return one.load.capacity is None
            case "managers":
                return bool(one.load.accounts)
        return True


def _ordered(found: Iterable[Carrier], sort: str) -> list[Carrier]:
    if sort == "name":
        return sorted(found, key=lambda one: (one.name.casefold(), one.member.email))
    if sort == "accounts":
        return sorted(found, key=lambda one: (-one.load.accounts, one.name.casefold(), one.member.email))
    return sorted(
        found, key=lambda one: (one.load.share is None, -(one.load.share or 0), -one.load.hours, one.member.email)
    )
