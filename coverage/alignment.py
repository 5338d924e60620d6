"""How well a team stands where its customer's worth lies: values of units, the score, and gaps in money. Pure: no ORM, no
clock, no float. Amounts are minor units of the first reporting currency; docs/algorithms/alignment.md says what each means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Final

from coverage.slots import NONE, Slot

#: The version of this definition. It stands beside every score that is kept.
DEFINITION: Final = 1
#: A unit is worth at least this share of the account's mean, so that a new site counts.
LEAST_SHARE: Final = Fraction(1, 100)


@dataclass(frozen=True)
class UnitFacts:
    """A unit's own facts, in minor units: revenue of twelve whole months, open pipeline by probability, known whitespace.

    `unknown_potentials` counts products whose potential is not known; `unpriced` facts without a rate. Neither adds money.
    """

    revenue: int = 0
    weighted: int = 0
    whitespace: int = 0
    unknown_potentials: int = 0
    unpriced: int = 0

    @property
    def worth(self) -> int:
        return self.revenue + self.weighted + self.whitespace


NO_FACTS: Final = UnitFacts()


def whitespace(potential: int, revenue: int, open_pipeline: int) -> int:
    """What a unit could still buy of a product: never below nothing."""
    return max(0, potential - revenue - open_pipeline)


def values_of(units: Iterable[int], facts: Mapping[int, UnitFacts], *, one: int) -> dict[int, Fraction]:
    """The value of each of an account's open units: its worth, at least 1 % of the mean worth and at least `one`, the
    minor units of 1.00."""
    worth = {unit: facts.get(unit, NO_FACTS).worth for unit in units}
    least = max(LEAST_SHARE * Fraction(sum(worth.values()), max(len(worth), 1)), Fraction(one))
    return {unit: max(Fraction(amount), least) for unit, amount in worth.items()}


@dataclass(frozen=True)
class Sums:
    """What alignments add up by, exactly: Σ v·u·f and Σ v·u of the known slots, Σ v·u of all, gaps in minor units.

    `slots` counts all slots, `empty` and `unknown` those. Sums of accounts, regions and members are added, never averaged.
    """

    filled: Fraction = NONE
    known: Fraction = NONE
    all: Fraction = NONE
    gap: int = 0
    slots: int = 0
    empty: int = 0
    unknown: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.filled + other.filled,
            self.known + other.known,
            self.all + other.all,
            self.gap + other.gap,
            self.slots + other.slots,
            self.empty + other.empty,
            self.unknown + other.unknown,
        )

    @property
    def score(self) -> Fraction | None:
        """0 to 1; None while nothing is known."""
        return self.filled / self.known if self.known else None

    @property
    def known_weight(self) -> Fraction:
        """The share of all weight that the score knows of, 0 to 1; 0 without any slot."""
        return self.known / self.all if self.all else NONE


@dataclass(frozen=True)
class WeighedSlot:
    """A slot with its unit's value. `share` is its part of the unit: its weight among those of the unit's slots."""

    slot: Slot
    value: Fraction
    share: Fraction

    @cached_property
    def gap(self) -> int | None:
        """The part of the unit's value that nobody fills, in minor units, ties to even; None where it is not known."""
        return None if self.slot.fill is None else self.gap_at(self.slot.fill)

    def gap_at(self, fill: Fraction) -> int:
        """What the gap would be with another fill."""
        return round(self.value * self.share * (1 - fill))

    @cached_property
    def sums(self) -> Sums:
        weight, fill = self.value * Fraction(self.slot.weight), self.slot.fill
        if fill is None:
            return Sums(all=weight, slots=1, unknown=1)
        return Sums(weight * fill, weight, weight, self.gap or 0, slots=1, empty=int(not fill))


@dataclass(frozen=True)
class Alignment:
    """The slots of an account with their values; `values` holds every open unit's."""

    slots: tuple[WeighedSlot, ...]
    values: Mapping[int, Fraction] = field(default_factory=dict)

    @cached_property
    def sums(self) -> Sums:
        return sum((one.sums for one in self.slots), Sums())

    @property
    def score(self) -> Fraction | None:
        return self.sums.score

    @property
    def known_weight(self) -> Fraction:
        return self.sums.known_weight

    @property
    def gap(self) -> int:
        """All gaps together: the sum of the slots' own, so that a list of them adds up."""
        return self.sums.gap

    def of_units(self, units: Iterable[int]) -> Sums:
        """The same of the slots of some units, at the values that they have in the whole account."""
        wanted = frozenset(units)
        return sum((one.sums for one in self.slots if one.slot.unit in wanted), Sums())

    def of_member(self, member: int) -> Sums:
        """The slots that a member covers, each with the member's own fill."""
        return sum((_held(one, member) for one in self.slots), Sums())


def alignment_of(slots: Iterable[Slot], values: Mapping[int, Fraction]) -> Alignment:
    """The slots of one account, weighed. A unit whose slots all weigh nothing has no gap."""
    found = tuple(slots)
    weights: dict[int, Decimal] = {}
    for slot in found:
        weights[slot.unit] = weights.get(slot.unit, Decimal(0)) + slot.weight
    return Alignment(tuple(WeighedSlot(s, values[s.unit], _share(s.weight, weights[s.unit])) for s in found), values)


def _share(weight: Decimal, of: Decimal) -> Fraction:
    return Fraction(weight) / Fraction(of) if of else NONE


def _held(one: WeighedSlot, member: int) -> Sums:
    slot = one.slot
    mine = tuple(coverer for coverer in slot.coverers if coverer.member == member)
    if not mine:
        return Sums()
    return WeighedSlot(Slot(slot.unit, slot.role, slot.weight, mine), one.value, one.share).sums
