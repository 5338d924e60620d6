"""The best assignment of 100 members to 200 slots, as a region asks for it, beside the greedy choice."""

from __future__ import annotations

import random
import time
from decimal import Decimal
from fractions import Fraction

from bench.figures import Figure
from coverage.assignment import Candidate, Opening, Problem, assign, gained, greedy

SLOTS, MEMBERS, ACCOUNTS = 200, 100, 12


def run() -> list[Figure]:
    problem = _world()
    start = time.perf_counter()
    found = assign(problem)
    seconds = time.perf_counter() - start
    return [
        Figure("best assignment of 100 members to 200 slots", seconds, "s", most=10),
        Figure("its value against what was proved possible", float(found.gained / found.bound), "times", least=1),
        Figure("its value against the greedy choice", float(found.gained / gained(greedy(problem))), "times", least=1),
    ]


def _world() -> Problem:
    """Slots of three roles at accounts of two types, worth from thousands to millions; members with five to eight accounts
    of at most eight, half of them at those accounts, and half an hour to three hours left a week."""
    chance = random.Random(20240614)  # noqa: S311  repeatable, nothing secret
    openings = [
        Opening(
            f"s{number:03}",
            f"a{number % ACCOUNTS}",
            Fraction(round(chance.lognormvariate(15, 1.5))),
            chance.choice([Decimal(1), Decimal("0.5")]) * (2 if number % ACCOUNTS < ACCOUNTS // 4 else 1),
            counts=chance.random() < 2 / 3,
        )
        for number in range(SLOTS)
    ]
    candidates = []
    for number in range(MEMBERS):
        own = frozenset(f"a{chance.randrange(ACCOUNTS)}" for _each in range(chance.randrange(4)))
        hours = Decimal(chance.randrange(2, 13)) / 4
        candidates.append(Candidate(f"m{number:03}", hours, chance.randrange(4), own))
    fill = (Fraction(1), Fraction(1, 2), Fraction(1, 4))
    fills = {(who.key, slot.key): chance.choices(fill, weights=(3, 4, 3))[0] for who in candidates for slot in openings}
    return Problem.of(openings, candidates, fills)
