"""How well a team stands where its customer's worth lies: values of units, the score, and gaps in money. Pure: no ORM, no
clock, no float. Amounts are minor units of the first reporting currency; docs/algorithms/alignment.md says what each means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property, lru_cache
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
        value, share = self.value, self.share
        return _to_even(
            value.numerator * share.numerator * (fill.denominator - fill.numerator),
            value.denominator * share.denominator * fill.denominator,
        )

    @cached_property
    def sums(self) -> Sums:
        return sums_of((self,))


class _Total:
    """A sum of fractions, kept by denominator: reducing it at every one of ten thousand slots would take most of the time."""

    def __init__(self) -> None:
        self.numerators: dict[int, int] = {}

    def add(self, numerator: int, denominator: int) -> None:
        self.numerators[denominator] = self.numerators.get(denominator, 0) + numerator

    @property
    def sum(self) -> Fraction:
        return sum((Fraction(above, below) for below, above in self.numerators.items()), NONE)


def sums_of(slots: Iterable[WeighedSlot]) -> Sums:
    """What some slots add up to."""
    filled, known, every = _Total(), _Total(), _Total()
    gap = number = empty = unknown = 0
    for one in slots:
        number += 1
        weight, fill = _fraction(one.slot.weight), one.slot.fill
        above, below = one.value.numerator * weight.numerator, one.value.denominator * weight.denominator
        every.add(above, below)
        if fill is None:
            unknown += 1
            continue
        known.add(above, below)
        filled.add(above * fill.numerator, below * fill.denominator)
        gap += one.gap or 0
        empty += not fill
    return Sums(filled.sum, known.sum, every.sum, gap, number, empty, unknown)


@lru_cache(maxsize=1024)
def _fraction(weight: Decimal) -> Fraction:
    """Kept: the weights of all slots are a few of the policy's."""
    return Fraction(weight)


def _to_even(numerator: int, denominator: int) -> int:
    """A quotient rounded to a whole number, ties to even."""
    whole, rest = divmod(2 * numerator + denominator, 2 * denominator)
    return whole if rest else whole - whole % 2


@dataclass(frozen=True)
class Alignment:
    """The slots of an account with their values; `values` holds every open unit's."""

    slots: tuple[WeighedSlot, ...]
    values: Mapping[int, Fraction] = field(default_factory=dict)

    @cached_property
    def sums(self) -> Sums:
        return sums_of(self.slots)

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
        return sums_of(one for one in self.slots if one.slot.unit in wanted)

    def of_member(self, member: int) -> Sums:
        """The slots that a member covers, each with the member's own fill."""
        return sums_of(held for one in self.slots if (held := _held(one, member)) is not None)


def alignment_of(slots: Iterable[Slot], values: Mapping[int, Fraction]) -> Alignment:
    """The slots of one account, weighed. A unit whose slots all weigh nothing has no gap."""
    found = tuple(slots)
    weights: dict[int, Decimal] = {}
    for slot in found:
        weights[slot.unit] = weights.get(slot.unit, Decimal(0)) + slot.weight
    share = cache(_share)  # a policy has a few weights, an account thousands of slots
    return Alignment(tuple(WeighedSlot(s, values[s.unit], share(s.weight, weights[s.unit])) for s in found), values)


def _share(weight: Decimal, of: Decimal) -> Fraction:
    return Fraction(weight) / Fraction(of) if of else NONE


def _held(one: WeighedSlot, member: int) -> WeighedSlot | None:
    """A slot as one of who covers it fills it alone; None of who does not."""
    slot = one.slot
    mine = tuple(coverer for coverer in slot.coverers if coverer.member == member)
    return WeighedSlot(Slot(slot.unit, slot.role, slot.weight, mine), one.value, one.share) if mine else None
