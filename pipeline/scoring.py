"""A score: the sum of visible parts by an administrator's weights. Pure: no ORM, no clock.

A part that is not known takes no side: it counts neither as 0 nor as 1, and the share of the weight that is known stands
beside the score. Everything is exact, so that the points of the parts add up to the score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

Number = Fraction | Decimal | int


@dataclass(frozen=True)
class Part:
    """What one trait says, from 0 (worst) to 1 (best); None is unknown. `weight` is 0 or more, in any unit.

    Raises ValueError outside of these bounds.
    """

    code: str
    value: Number | None
    weight: Number

    def __post_init__(self) -> None:
        if self.weight < 0:
            raise ValueError(f"weight of {self.code} below 0: {self.weight}")
        if self.value is not None and not 0 <= self.value <= 1:
            raise ValueError(f"value of {self.code} outside 0 to 1: {self.value}")

    @property
    def is_known(self) -> bool:
        return self.value is not None


@dataclass(frozen=True)
class Score:
    """`value` from 0 to 1, None when no weighted part is known; `known_weight` the share of all weight behind it, 0 to 1."""

    value: Fraction | None
    known_weight: Fraction
    parts: tuple[Part, ...]

    def points(self, part: Part) -> Fraction | None:
        """How much of the score comes from `part`; the points of all known parts add up to it. None for an unknown part."""
        if part.value is None or self.value is None:
            return None
        return Fraction(part.weight) * Fraction(part.value) / _known(self.parts)


def score_of(parts: Iterable[Part]) -> Score:
    """Σ weight × value ÷ Σ weight over the parts that are known."""
    listed = tuple(parts)
    known, whole = _known(listed), sum((Fraction(part.weight) for part in listed), Fraction(0))
    if not known:
        return Score(None, Fraction(0), listed)
    reached = sum(
        (Fraction(part.weight) * Fraction(part.value) for part in listed if part.value is not None), Fraction(0)
    )
    return Score(reached / known, known / whole, listed)


def score_by(values: Mapping[str, Number | None], weights: Mapping[str, Number]) -> Score:
    """The score of traits by code. A code with a weight and without a value is unknown; one without a weight is left out."""
    return score_of(Part(code, values.get(code), weight) for code, weight in weights.items())


def ramp(value: Number | None, *, worst: Number, best: Number) -> Fraction | None:
    """How far `value` is on the way from `worst` (0) to `best` (1), which may lie below it; never beyond either."""
    if value is None:
        return None
    low, high = Fraction(worst), Fraction(best)
    if low == high:
        raise ValueError("worst and best are the same")
    return min(Fraction(1), max(Fraction(0), (Fraction(value) - low) / (high - low)))


def _known(parts: tuple[Part, ...]) -> Fraction:
    return sum((Fraction(part.weight) for part in parts if part.is_known), Fraction(0))
