"""How much a member carries: accounts against the healthy band, and hours against capacity. Pure: no ORM and no clock.

A relationship is a contact that the member knows, or a unit that she covers in a role, whoever sits there. Each takes hours a
week, by the role and by how heavy the account's type is. docs/algorithms/assignment.md has worked tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

BELOW: Final = "below"
WITHIN: Final = "within"
ABOVE: Final = "above"
NO_HOURS: Final = Decimal(0)


class Seat(NamedTuple):
    """A role in an account's team."""

    account: int
    role: str


class Place(NamedTuple):
    """A role on an org unit of an account."""

    account: int
    unit: int
    role: str


@dataclass(frozen=True)
class Rates:
    """What an administrator sets: the band, hours a week for a contact and for a unit by role, and the weight of an account's
    type. `manages` are the roles whose holder manages the account."""

    least: int = 4
    most: int = 8
    per_contact: Decimal = Decimal("0.25")
    per_unit: Decimal = Decimal(1)
    by_role: Mapping[str, Decimal] = field(default_factory=dict)
    by_type: Mapping[str, Decimal] = field(default_factory=dict)
    manages: frozenset[str] = frozenset()

    def of_unit(self, role: str, account_type: str | None) -> Decimal:
        """Hours a week that covering a unit in `role` takes."""
        return self.by_role.get(role, self.per_unit) * self.weight(account_type)

    def of_contact(self, account_type: str | None) -> Decimal:
        return self.per_contact * self.weight(account_type)

    def weight(self, account_type: str | None) -> Decimal:
        """An account without a type weighs 1."""
        return self.by_type.get(account_type or "", Decimal(1))

    def band(self, accounts: int) -> str:
        """Where a number of accounts lies. Who manages none has no place in the band: an empty text."""
        if not accounts:
            return ""
        return BELOW if accounts < self.least else ABOVE if accounts > self.most else WITHIN


@dataclass(frozen=True)
class Held:
    """What a member holds on a day; `contacts` counts those that she knows, by account."""

    seats: frozenset[Seat] = frozenset()
    places: frozenset[Place] = frozenset()
    contacts: Mapping[int, int] = field(default_factory=dict)

    def given(self, seats: Iterable[Seat] = (), places: Iterable[Place] = ()) -> Held:
        return replace(self, seats=self.seats | frozenset(seats), places=self.places | frozenset(places))

    def without(self, seats: Iterable[Seat] = (), places: Iterable[Place] = ()) -> Held:
        return replace(self, seats=self.seats - frozenset(seats), places=self.places - frozenset(places))

    def managed(self, rates: Rates) -> frozenset[int]:
        """The accounts that she manages: in the team or on a unit, in a role that manages."""
        held: list[Seat | Place] = [*self.seats, *self.places]
        return frozenset(one.account for one in held if one.role in rates.manages)


@dataclass(frozen=True)
class Load:
    """`capacity` None is unknown: then nobody can say whether the hours are too many."""

    accounts: int
    contacts: int
    units: int
    hours: Decimal
    capacity: Decimal | None

    @property
    def relationships(self) -> int:
        return self.contacts + self.units

    @property
    def share(self) -> Fraction | None:
        """Hours against capacity; None while the capacity is unknown or nothing."""
        return Fraction(self.hours) / Fraction(self.capacity) if self.capacity else None

    @property
    def left(self) -> Decimal | None:
        """Hours left a week, below 0 when there are too many."""
        return None if self.capacity is None else self.capacity - self.hours

    @property
    def is_over(self) -> bool | None:
        return None if self.left is None else self.left < 0


def load_of(held: Held, types: Mapping[int, str | None], rates: Rates, capacity: Decimal | None) -> Load:
    """The load of one member; `types` are the account types of the accounts that she has to do with."""
    hours = sum((rates.of_unit(place.role, types.get(place.account)) for place in held.places), NO_HOURS)
    hours += sum((many * rates.of_contact(types.get(account)) for account, many in held.contacts.items()), NO_HOURS)
    return Load(
        accounts=len(held.managed(rates)),
        contacts=sum(held.contacts.values()),
        units=len(held.places),
        hours=hours,
        capacity=capacity,
    )


def spread(accounts: Iterable[int]) -> dict[int, int]:
    """How many members manage how many accounts, from 1 to the most without a hole."""
    counted = Counter(number for number in accounts if number)
    return {number: counted[number] for number in range(1, max(counted, default=0) + 1)}
