"""The best assignment of members to empty slots, exactly. Pure: no ORM and no clock (docs/algorithms/assignment.md).

An integer program says what is wanted, HiGHS finds it. Its size is cut down first by what the program without whole numbers
proves: a pair that can't stand in any better assignment is left out, so that 200 slots and 100 members take seconds.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final

from coverage.assignment_program import Program, Relaxed
from coverage.slots import NONE

SECONDS: Final = 60.0
_KEPT: Final = 6
ROUNDING: Final = 1e-3  # of a greatest gain of a million: a cost of nothing, as the solver writes it
_GREATEST: Final = 1_000_000.0


@dataclass(frozen=True)
class Opening:
    """A slot to fill. `weight` is v·u, `standing` the fill that it has anyway, `hours` what it asks of its holder a week.

    `counts`: whoever holds it manages the account, so that the account counts in the band.
    """

    key: str
    account: str
    weight: Fraction
    hours: Decimal
    standing: Fraction = NONE
    counts: bool = True


@dataclass(frozen=True)
class Candidate:
    """A member who may be given slots. `hours` is what she has left a week, `room` how many more accounts she may manage;
    None is no limit. `accounts` are those she manages already: they ask for no room."""

    key: str
    hours: Decimal | None = None
    room: int | None = None
    accounts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Pair:
    """A member on a slot, what that gains (v·u·f above what stands), and her fill there."""

    opening: str
    candidate: str
    gain: Fraction
    fill: Fraction


@dataclass(frozen=True)
class Assignment:
    """`gained` is the sum of the pairs' gains; nothing can gain more than `bound`. `unknown` pairs were left out because
    their fill is not known. `is_proved`: no assignment gains more than this one."""

    pairs: tuple[Pair, ...] = ()
    gained: Fraction = NONE
    bound: Fraction = NONE
    unknown: int = 0
    is_proved: bool = True


Fills = Mapping[tuple[str, str], Fraction | None]
"""The fill of (candidate, opening) by the alignment's own definition; None is unknown, an absent pair is not allowed."""


@dataclass(frozen=True)
class Problem:
    """Openings and candidates by key, and the pairs that gain something, in an order that depends on keys alone."""

    openings: Mapping[str, Opening]
    candidates: Mapping[str, Candidate]
    pairs: tuple[Pair, ...]
    unknown: int

    @classmethod
    def of(cls, openings: Iterable[Opening], candidates: Iterable[Candidate], fills: Fills) -> Problem:
        slots = {one.key: one for one in sorted(openings, key=lambda one: one.key)}
        people = {one.key: one for one in sorted(candidates, key=lambda one: one.key)}
        pairs, unknown = [], 0
        for slot in slots.values():
            for person in people.values():
                fill = fills.get((person.key, slot.key), NONE)
                if fill is None:
                    unknown += 1
                elif slot.weight > 0 and fill > slot.standing and _alone_fits(slot, person):
                    pairs.append(Pair(slot.key, person.key, slot.weight * (fill - slot.standing), fill))
        return cls(slots, people, tuple(pairs), unknown)

    def fits(self, pairs: Iterable[Pair]) -> bool:
        """Whether pairs stand together: one member a slot, hours and band kept."""
        held = Held(self)
        return all(held.take(pair) for pair in pairs)


def _alone_fits(slot: Opening, person: Candidate) -> bool:
    has_room = person.room is None or person.room > 0 or not slot.counts or slot.account in person.accounts
    return has_room and (person.hours is None or slot.hours <= person.hours)


@dataclass
class Held:
    """What is given away so far."""

    problem: Problem
    by_slot: dict[str, Pair] = field(default_factory=dict)
    hours: dict[str, Decimal] = field(default_factory=dict)
    accounts: dict[str, dict[str, int]] = field(default_factory=dict)

    def may_take(self, pair: Pair) -> bool:
        slot, person = self.problem.openings[pair.opening], self.problem.candidates[pair.candidate]
        if slot.key in self.by_slot:
            return False
        if person.hours is not None and self.hours.get(person.key, Decimal(0)) + slot.hours > person.hours:
            return False
        new = self.accounts.get(person.key, {})
        asks = slot.counts and slot.account not in person.accounts and slot.account not in new
        return not asks or person.room is None or len(new) < person.room

    def take(self, pair: Pair) -> bool:
        if not self.may_take(pair):
            return False
        self._add(pair, 1)
        return True

    def give_back(self, pair: Pair) -> None:
        self._add(pair, -1)

    def _add(self, pair: Pair, sign: int) -> None:
        slot, person = self.problem.openings[pair.opening], self.problem.candidates[pair.candidate]
        if sign > 0:
            self.by_slot[slot.key] = pair
        else:
            del self.by_slot[slot.key]
        self.hours[person.key] = self.hours.get(person.key, Decimal(0)) + sign * slot.hours
        if slot.counts and slot.account not in person.accounts:
            new = self.accounts.setdefault(person.key, {})
            new[slot.account] = new.get(slot.account, 0) + sign
            if not new[slot.account]:
                del new[slot.account]


def greedy(problem: Problem) -> tuple[Pair, ...]:
    """What a hurried person does: the pair that gains most, then the next that still fits."""
    held = Held(problem)
    for pair in sorted(problem.pairs, key=lambda one: (-one.gain, one.opening, one.candidate)):
        held.take(pair)
    return _in_order(held.by_slot.values())


def assign(problem: Problem, *, seconds: float = SECONDS) -> Assignment:
    """The assignment that gains most; after `seconds` the best one found, with the bound that was proved."""
    if not problem.pairs:
        return Assignment(unknown=problem.unknown)
    until = time.monotonic() + seconds
    scale = _GREATEST / float(max(pair.gain for pair in problem.pairs))
    program = Program.of(problem.openings, problem.candidates, problem.pairs, scale)
    relaxed = program.relax()
    best = greedy(problem)
    bound, is_proved = relaxed.bound, False
    for worth in _thresholds(problem, relaxed):
        # A pair is left out if with it nothing better than the best so far is possible.
        limit = worth if worth is not None else relaxed.bound - program.value(best) + program.tolerance
        chosen = [place for place, cost in enumerate(relaxed.costs) if cost <= limit]
        found = program.solve(chosen, max(until - time.monotonic(), 1.0))
        best = max(best, _repaired(problem, found.pairs), key=gained)
        left_out = relaxed.bound - min((c for c in relaxed.costs if c > limit), default=relaxed.bound)
        bound = min(bound, max(found.bound, left_out, program.value(best)))
        is_proved = bound <= program.value(best) + program.tolerance
        if is_proved or time.monotonic() >= until:
            break
    best = _preferred(problem, best)
    total = gained(best)
    return Assignment(
        best, total, total if is_proved else max(Fraction(bound / scale), total), problem.unknown, is_proved
    )


def gained(pairs: Iterable[Pair]) -> Fraction:
    return sum((pair.gain for pair in pairs), NONE)


def _thresholds(problem: Problem, relaxed: Relaxed) -> Sequence[float | None]:
    """First the few most promising pairs; then, if that proves too little, all that could still matter."""
    few = sorted(relaxed.costs)[: _KEPT * len(problem.openings)]
    return (few[-1] + ROUNDING, None)


def _repaired(problem: Problem, pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """The solver counts in floating point; what it chose must hold to the last decimal."""
    held = Held(problem)
    for pair in sorted(pairs, key=lambda one: (-one.gain, one.opening)):
        held.take(pair)
    for pair in sorted(problem.pairs, key=lambda one: (-one.gain, one.opening, one.candidate)):
        held.take(pair)
    return _in_order(held.by_slot.values())


def _preferred(problem: Problem, pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Between equal gains on a slot: who manages the account already, then who has most hours left, then the key."""
    held = Held(problem)
    for pair in pairs:
        held.take(pair)
    alike: dict[tuple[str, Fraction], list[Pair]] = {}
    for pair in problem.pairs:
        alike.setdefault((pair.opening, pair.gain), []).append(pair)
    for pair in pairs:
        held.give_back(pair)
        others = [one for one in alike[pair.opening, pair.gain] if held.may_take(one)]
        held.take(min(others, key=lambda one: _preference(held, one)))
    return _in_order(held.by_slot.values())


def _preference(held: Held, pair: Pair) -> tuple[bool, bool, Decimal, str]:
    slot, person = held.problem.openings[pair.opening], held.problem.candidates[pair.candidate]
    is_new = slot.account not in person.accounts and slot.account not in held.accounts.get(person.key, {})
    left = (person.hours or Decimal(0)) - held.hours.get(person.key, Decimal(0))
    return is_new, person.hours is None, -left, person.key


def _in_order(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    return tuple(sorted(pairs, key=lambda pair: pair.opening))
