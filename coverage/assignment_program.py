"""The integer program of an assignment, as HiGHS takes it, and what its relaxation proves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp  # type: ignore[import-untyped]  # ships no types
from scipy.sparse import coo_matrix  # type: ignore[import-untyped]  # the same

if TYPE_CHECKING:
    from coverage.assignment import Candidate, Opening, Pair

HALF: Final = 0.5
_STEPS: Final = 20_000


@dataclass(frozen=True)
class Relaxed:
    """Without whole numbers: no assignment is worth more than `bound`, and each pair costs at least its part of `costs`."""

    bound: float
    costs: list[float]


@dataclass(frozen=True)
class Found:
    pairs: list[Pair]
    bound: float


@dataclass
class _Rows:
    """Rows `sum of factor × column ≤ most`, added one by one."""

    rows: list[int]
    columns: list[int]
    factors: list[float]
    most: list[float]

    def add(self, columns: Sequence[int], factors: Sequence[float], most: float) -> None:
        self.rows += [len(self.most)] * len(columns)
        self.columns += columns
        self.factors += factors
        self.most.append(most)

    def matrix(self, width: int) -> Any:
        return coo_matrix((self.factors, (self.rows, self.columns)), shape=(len(self.most), width)).tocsr()


def reachable(most: Decimal, parts: Iterable[Decimal]) -> Decimal:
    """The largest sum of `parts`, each as often as one likes, that is not above `most`: what whole slots can take of it."""
    sizes = {Fraction(part) for part in parts if part}
    if not sizes:
        return Decimal(0)
    unit = Fraction(1, math.lcm(*(size.denominator for size in sizes)))
    steps, top = sorted(int(size / unit) for size in sizes), int(Fraction(most) / unit)
    if top > _STEPS:
        return most
    sums = {0}
    for total in range(1, top + 1):
        if any(total - step in sums for step in steps):
            sums.add(total)
    best = max(sums) * unit
    return Decimal(best.numerator) / Decimal(best.denominator)


@dataclass(frozen=True)
class Program:
    """Pairs as columns of 0 or 1. `scale` makes the greatest gain a million, so that the solver's tolerances are far below
    any difference that is seen."""

    openings: Mapping[str, Opening]
    candidates: Mapping[str, Candidate]
    pairs: Sequence[Pair]
    gains: Any
    scale: float

    @classmethod
    def of(
        cls,
        openings: Mapping[str, Opening],
        candidates: Mapping[str, Candidate],
        pairs: Sequence[Pair],
        scale: float,
    ) -> Program:
        return cls(openings, candidates, pairs, np.array([float(pair.gain) * scale for pair in pairs]), scale)

    @property
    def tolerance(self) -> float:
        """What two sums of gains may differ by from rounding alone."""
        return 1e-9 * float(self.gains.sum()) / max(len(self.candidates), 1) + 1e-6

    def value(self, pairs: Sequence[Pair]) -> float:
        return sum(float(pair.gain) * self.scale for pair in pairs)

    def relax(self) -> Relaxed:
        """Whole numbers left aside: seconds at most, and what it proves holds for whole numbers too."""
        matrix, most, gains = self._stated(range(len(self.pairs)))
        answer = linprog(-gains, A_ub=matrix, b_ub=most, bounds=(0, None), method="highs-ds")
        costs = (-gains - matrix.T @ answer.ineqlin.marginals)[: len(self.pairs)]
        return Relaxed(-float(answer.fun), [max(float(cost), 0.0) for cost in costs])

    def solve(self, chosen: Sequence[int], seconds: float) -> Found:
        """The best assignment of some pairs, in whole numbers."""
        matrix, most, gains = self._stated(chosen)
        answer = milp(
            -gains,
            constraints=LinearConstraint(matrix, -np.inf, np.array(most)),
            integrality=np.ones(len(gains)),
            bounds=Bounds(0, 1),
            options={"mip_rel_gap": 0.0, "time_limit": seconds},
        )
        bound = float("inf") if answer.mip_dual_bound is None else -float(answer.mip_dual_bound)
        taken = [] if answer.x is None else [self.pairs[p] for p, x in zip(chosen, answer.x, strict=False) if x > HALF]
        return Found(taken, bound)

    def _stated(self, chosen: Sequence[int]) -> tuple[Any, list[float], Any]:
        """The matrix, its limits and the gains. Beside the pairs, a column says that a member takes up an account: each pair
        that needs it is at most that column, and a member's columns together are at most her room."""
        rows = self._rows(chosen)
        width = len(chosen)
        for member, asked in self._asking(chosen).items():
            for number, columns in enumerate(asked.values()):
                for column in columns:
                    rows.add([column, width + number], [1.0, -1.0], 0.0)
            new = range(width, width + len(asked))
            rows.add(list(new), [1.0] * len(asked), float(self._room(member)))
            width = new.stop
        gains = np.zeros(width)
        gains[: len(chosen)] = self.gains[list(chosen)]
        return rows.matrix(width), rows.most, gains

    def _rows(self, chosen: Sequence[int]) -> _Rows:
        """One member a slot; each member's hours."""
        rows = _Rows([], [], [], [])
        by_slot: dict[str, list[int]] = {}
        by_member: dict[str, list[int]] = {}
        for column, place in enumerate(chosen):
            by_slot.setdefault(self.pairs[place].opening, []).append(column)
            by_member.setdefault(self.pairs[place].candidate, []).append(column)
        for columns in by_slot.values():
            rows.add(columns, [1.0] * len(columns), 1.0)
        for member, columns in by_member.items():
            hours = self.candidates[member].hours
            asked = [self.openings[self.pairs[chosen[column]].opening].hours for column in columns]
            if hours is not None and sum(asked) > hours:
                rows.add(columns, [float(one) for one in asked], float(reachable(hours, asked)))
        return rows

    def _asking(self, chosen: Sequence[int]) -> dict[str, dict[str, list[int]]]:
        """By member and account, the columns that ask for room; members who have room for all of them are left out."""
        found: dict[str, dict[str, list[int]]] = {}
        for column, place in enumerate(chosen):
            pair = self.pairs[place]
            slot, person = self.openings[pair.opening], self.candidates[pair.candidate]
            if person.room is not None and slot.counts and slot.account not in person.accounts:
                found.setdefault(person.key, {}).setdefault(slot.account, []).append(column)
        return {member: asked for member, asked in found.items() if len(asked) > self._room(member)}

    def _room(self, member: str) -> int:
        return self.candidates[member].room or 0
