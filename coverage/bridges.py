"""On how many people of ours a unit's relationships rest. Pure: no ORM and no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

#: With fewer effective bridges a relationship is a bow-tie: it narrows to one person.
BOW_TIE: Final = 2


@dataclass(frozen=True)
class Strength:
    """How well a member knows one contact: 0 to 1, None when unknown."""

    member: int
    strength: Decimal | None


@dataclass(frozen=True)
class Bridges:
    """The relationships of a unit. `effective` is 1/Σ share² over members; None without any known strength.

    `first` is the member with the largest share, `share` that share. `unknown` counts relationships whose strength is not
    known: they are in no share.
    """

    effective: Fraction | None = None
    first: int | None = None
    share: Fraction = Fraction(0)
    unknown: int = 0

    @property
    def is_bow_tie(self) -> bool:
        return self.effective is not None and self.effective < BOW_TIE

    def at_risk(self, revenue: int) -> int:
        """The revenue behind one person, in the units of `revenue`, ties to even; nothing where it rests on several."""
        return round(self.share * max(revenue, 0)) if self.is_bow_tie else 0


def bridges_of(relationships: Iterable[Strength]) -> Bridges:
    """The bridges of one unit, from every relationship of ours with its people. Of equal shares the first one comes first."""
    strengths: dict[int, Fraction] = {}
    unknown = 0
    for one in relationships:
        if one.strength is None:
            unknown += 1
        else:
            strengths[one.member] = strengths.get(one.member, Fraction(0)) + Fraction(one.strength)
    total = sum(strengths.values(), Fraction(0))
    if not total:
        return Bridges(unknown=unknown)
    squares = sum((strength**2 for strength in strengths.values()), Fraction(0))
    first = max(strengths, key=lambda member: strengths[member])
    return Bridges(total**2 / squares, first, strengths[first] / total, unknown)
