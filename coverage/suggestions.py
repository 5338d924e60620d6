"""Who fits a slot best: a sum of parts that are all shown. Pure: no ORM and no clock (docs/algorithms/assignment.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple, TypeVar

from coverage.slots import HALF, WHOLE

FILL: Final = "fill"
ROOM: Final = "room"
KNOWS: Final = "knows"
COUNTRY: Final = "country"
WEIGHTS: Final = {FILL: 40, ROOM: 25, KNOWS: 20, COUNTRY: 15}
"""What each part weighs, of 100."""


class Part(NamedTuple):
    """One part of a fitness, 0 to 1; None: unknown."""

    name: str
    value: Fraction | None

    @property
    def weight(self) -> int:
        return WEIGHTS[self.name]


@dataclass(frozen=True)
class Fitness:
    """Parts in the order of their weights. What is unknown weighs nothing, and its weight is said."""

    parts: tuple[Part, ...]

    @property
    def index(self) -> Fraction | None:
        """Σ weight × part ÷ Σ weight, over the parts that are known; None when none is."""
        known = [part for part in self.parts if part.value is not None]
        total = sum(part.weight for part in known)
        weighed = sum((part.weight * part.value for part in self.parts if part.value is not None), Fraction(0))
        return weighed / total if total else None

    @property
    def known_weight(self) -> Fraction:
        return Fraction(sum(part.weight for part in self.parts if part.value is not None), sum(WEIGHTS.values()))

    @property
    def has_fill(self) -> bool:
        return any(part.name == FILL and part.value is not None for part in self.parts)


def fitness_of(
    *, fill: Fraction | None, room: Fraction | None, contacts: int | None, same_country: bool | None
) -> Fitness:
    """`fill` as the alignment counts it; `room` the share of capacity that would be left, nothing when the band is full;
    `contacts` of the unit whom the member knows: each halves what is missing."""
    return Fitness(
        (
            Part(FILL, fill),
            Part(ROOM, None if room is None else min(max(room, Fraction(0)), WHOLE)),
            Part(KNOWS, None if contacts is None else WHOLE - HALF**contacts),
            Part(COUNTRY, None if same_country is None else Fraction(same_country)),
        )
    )


_Row = TypeVar("_Row")


def ranked(rows: Iterable[tuple[Fitness, str, _Row]]) -> list[_Row]:
    """The fittest first; whoever's fill is unknown after all whose fill is known; among equals the better known, then the
    e-mail address (the second of each)."""
    ordered = sorted(
        rows, key=lambda row: (not row[0].has_fill, -(row[0].index or Fraction(-1)), -row[0].known_weight, row[1])
    )
    return [row[2] for row in ordered]
