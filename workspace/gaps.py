"""How many slots of several customers are empty today, in a handful of queries whatever their number."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from accounts.models import Account, OrgLink, OrgUnit, Structure
from accounts.structures import Forest
from coverage.models import Coverage, CoveragePolicy
from coverage.slots import Post, Rule, Slots, slots_of
from users.models import User


@dataclass(frozen=True)
class GapCount:
    """Empty slots and all slots that the tier's policy asks for; None where no policy says what is needed."""

    empty: int | None
    all: int


def counted(*, viewer: User, account_ids: Collection[int], on: dt.date) -> dict[int, GapCount]:
    """The gaps of each of `account_ids` on a day."""
    tiers = dict(Account.objects.visible_to(viewer).filter(id__in=account_ids).values_list("id", "tier_id"))
    units: dict[int, dict[int, str]] = defaultdict(dict)
    for account, unit, kind in (
        OrgUnit.objects.filter(account_id__in=tiers).open_on(on).values_list("account_id", "id", "kind")
    ):
        units[account][unit] = kind
    rules, posts, links = _rules(tiers.values()), _posts(tiers, on), _links(tiers, on)
    found = {}
    for account, tier in tiers.items():
        kinds = units[account]
        above = Forest.of(kinds, links[account])
        held = [post for post in posts[account] if post.unit in kinds]
        found[account] = _count(slots_of(kinds, above, rules[tier], held))
    return found


@dataclass(frozen=True)
class CountryCount:
    """What of coverage lies in a country: units, slots that policies ask for there, and empty ones."""

    units: int = 0
    slots: int = 0
    empty: int = 0

    def __add__(self, other: CountryCount) -> CountryCount:
        return CountryCount(self.units + other.units, self.slots + other.slots, self.empty + other.empty)

    def __sub__(self, other: CountryCount) -> CountryCount:
        return CountryCount(self.units - other.units, self.slots - other.slots, self.empty - other.empty)


def by_country(*, viewer: User, countries: Collection[str], on: dt.date) -> dict[str, CountryCount]:
    """The coverage of the units in each of `countries` on a day, in a handful of queries whatever their number."""
    here = OrgUnit.objects.filter(country__in=countries).open_on(on)
    seen = Account.objects.visible_to(viewer).filter(id__in=here.values("account_id"))
    tiers = dict(seen.values_list("id", "tier_id"))
    units: dict[int, dict[int, tuple[str, str]]] = defaultdict(dict)
    rows = OrgUnit.objects.filter(account_id__in=tiers).open_on(on)
    for account, unit, kind, country in rows.values_list("account_id", "id", "kind", "country"):
        units[account][unit] = (kind, str(country))
    rules, posts, links = _rules(tiers.values()), _posts(tiers, on), _links(tiers, on)
    found: dict[str, CountryCount] = defaultdict(CountryCount)
    for account, tier in tiers.items():
        kinds = {unit: kind for unit, (kind, _country) in units[account].items()}
        held = [post for post in posts[account] if post.unit in kinds]
        slots = slots_of(kinds, Forest.of(kinds, links[account]), rules[tier], held)
        for unit, (_kind, country) in units[account].items():
            mine = slots.by_unit.get(unit, ())
            found[country] += CountryCount(1, len(mine), len(slots.gaps_of(unit)))
    return {country: found[country] for country in countries if country in found}


def _count(slots: Slots) -> GapCount:
    return GapCount(len(slots.gaps) if slots.is_known else None, sum(map(len, slots.by_unit.values())))


def _rules(tiers: Iterable[str | None]) -> dict[str | None, list[Rule]]:
    found: dict[str | None, list[Rule]] = defaultdict(list)
    policies = CoveragePolicy.objects.filter(tier__in={tier for tier in tiers if tier})
    for tier, kind, role, is_inheritable in policies.values_list("tier_id", "unit_kind", "role_id", "is_inheritable"):
        found[tier].append(Rule(kind, role, is_inheritable))
    return found


def _posts(accounts: Collection[int], on: dt.date) -> dict[int, list[Post]]:
    found: dict[int, list[Post]] = defaultdict(list)
    rows = Coverage.objects.filter(account_id__in=accounts).as_of(on)
    columns = ("account_id", "org_unit_id", "role_id", "member_id", "covers_descendants")
    for account, unit, role, member, reaches_down in rows.values_list(*columns):
        found[account].append(Post(unit, role, member, reaches_down))
    return found


def _links(accounts: Collection[int], on: dt.date) -> dict[int, list[tuple[int, int]]]:
    """Along the management structure of an account that has one, else along the legal one."""
    kinds = (Structure.MANAGEMENT, Structure.LEGAL)
    rows = OrgLink.objects.as_of(on).filter(account_id__in=accounts, structure__in=kinds)
    by_kind: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
    for account, structure, child, parent in rows.values_list("account_id", "structure", "child_id", "parent_id"):
        by_kind[account, structure].append((child, parent))
    return defaultdict(
        list, {a: by_kind.get((a, Structure.MANAGEMENT)) or by_kind.get((a, Structure.LEGAL), []) for a in accounts}
    )
