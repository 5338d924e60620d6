"""How many slots of several customers are empty today, in a handful of queries whatever their number."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from accounts.models import Account, OrgUnit
from coverage.slots import Slots
from coverage.staffing import staffing_of
from users.models import User


@dataclass(frozen=True)
class GapCount:
    """Empty slots and all slots that the tier's policy asks for; None where no policy says what is needed."""

    empty: int | None
    all: int


def counted(*, viewer: User, account_ids: Collection[int], on: dt.date) -> dict[int, GapCount]:
    """The gaps of each of `account_ids` on a day."""
    tiers = dict(Account.objects.visible_to(viewer).filter(id__in=account_ids).values_list("id", "tier_id"))
    return {account: _count(staffing.gaps) for account, staffing in staffing_of(tiers, on).items()}


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
    found: dict[str, CountryCount] = defaultdict(CountryCount)
    for staffing in staffing_of(dict(seen.values_list("id", "tier_id")), on).values():
        slots = staffing.gaps
        for pk, unit in staffing.units.items():
            found[unit.country] += CountryCount(1, len(slots.by_unit.get(pk, ())), len(slots.gaps_of(pk)))
    return {country: found[country] for country in countries if country in found}


def _count(slots: Slots) -> GapCount:
    return GapCount(len(slots.gaps) if slots.is_known else None, len(slots.all))
