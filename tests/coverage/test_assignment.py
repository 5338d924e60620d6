"""The solver against every possible assignment on small cases, and against the greedy choice on large ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.assignment import Assignment, Candidate, Opening, Pair, Problem, assign, gained, greedy

HOURS = st.sampled_from([Decimal("0.5"), Decimal(1), Decimal("1.25"), Decimal(2)])
FILL = st.sampled_from([None, Fraction(0), Fraction(1, 4), Fraction(1, 2), Fraction(1)])


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    openings = [
        Opening(
            f"s{number}",
            draw(st.sampled_from("ab")),
            Fraction(draw(st.integers(0, 10**9)), 7),
            draw(HOURS),
            draw(st.sampled_from([Fraction(0), Fraction(1, 4), Fraction(1, 2)])),
            draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    candidates = [
        Candidate(
            f"m{number}",
            draw(st.none() | HOURS),
            draw(st.none() | st.integers(0, 2)),
            frozenset(draw(st.sets(st.sampled_from("ab")))),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    fills = {(who.key, slot.key): draw(FILL) for who in candidates for slot in openings}
    return Problem.of(openings, candidates, fills)


def every_assignment(problem: Problem) -> Iterator[tuple[Pair, ...]]:
    by_slot = [[None, *(p for p in problem.pairs if p.opening == slot)] for slot in problem.openings]
    for chosen in product(*by_slot):
        pairs = tuple(pair for pair in chosen if pair is not None)
        if keeps_the_rules(problem, pairs):
            yield pairs


def keeps_the_rules(problem: Problem, pairs: tuple[Pair, ...]) -> bool:
    """Said anew in plain loops, so that the solver is not judged by itself."""
    for who in problem.candidates.values():
        slots = [problem.openings[pair.opening] for pair in pairs if pair.candidate == who.key]
        if who.hours is not None and sum(slot.hours for slot in slots) > who.hours:
            return False
        new = {slot.account for slot in slots if slot.counts} - who.accounts
        if who.room is not None and len(new) > who.room:
            return False
    return len({pair.opening for pair in pairs}) == len(pairs)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_nothing_gains_more_than_the_assignment(problem: Problem) -> None:
    found = assign(problem)
    assert keeps_the_rules(problem, found.pairs)
    assert found.gained == gained(found.pairs) == max(gained(pairs) for pairs in every_assignment(problem))
    assert found.is_proved


@settings(max_examples=60, deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(problem: Problem, chance: random.Random) -> None:
    fills = {(pair.candidate, pair.opening): pair.fill for pair in problem.pairs}
    slots, people = list(problem.openings.values()), list(problem.candidates.values())
    first = assign(Problem.of(slots, people, fills))
    chance.shuffle(slots)
    chance.shuffle(people)
    assert assign(Problem.of(slots, people, dict(reversed(fills.items())))) == first


def large(seed: int, *, slots: int = 60, people: int = 20) -> Problem:
    chance = random.Random(seed)
    openings = [
        Opening(f"s{n:03}", f"a{n % 5}", Fraction(chance.randrange(1, 10**8)), Decimal(chance.choice([1, 1, 2])))
        for n in range(slots)
    ]
    candidates = [Candidate(f"m{n:03}", Decimal(chance.randrange(1, 6)), chance.randrange(4)) for n in range(people)]
    fill = [Fraction(1), Fraction(1, 2), Fraction(1, 4)]
    fills = {(who.key, slot.key): chance.choice(fill) for who in candidates for slot in openings}
    return Problem.of(openings, candidates, fills)


def test_on_large_cases_it_is_never_worse_than_greedy() -> None:
    for seed in range(3):
        problem = large(seed)
        found = assign(problem, seconds=5)
        assert problem.fits(found.pairs)
        assert keeps_the_rules(problem, found.pairs)
        assert gained(greedy(problem)) <= found.gained <= found.bound


def two_by_two() -> Problem:
    """Anna alone speaks the language of Lyon; in Berlin she is little better than Ben."""
    slots = [Opening("berlin", "a", Fraction(100), Decimal(1)), Opening("lyon", "a", Fraction(90), Decimal(1))]
    people = [Candidate("anna", Decimal(1)), Candidate("ben", Decimal(1))]
    fills = {
        ("anna", "berlin"): Fraction(1),
        ("ben", "berlin"): Fraction(1, 2),
        ("anna", "lyon"): Fraction(1),
        ("ben", "lyon"): Fraction(1, 4),
    }
    return Problem.of(slots, people, fills)


def test_it_is_better_than_greedy_where_greed_takes_the_only_speaker() -> None:
    problem = two_by_two()
    assert gained(greedy(problem)) == Fraction(245, 2)
    found = assign(problem)
    assert found.gained == 140
    assert [(pair.opening, pair.candidate) for pair in found.pairs] == [("berlin", "ben"), ("lyon", "anna")]


def test_without_slots_or_members_nothing_is_assigned() -> None:
    slot, anna = Opening("s", "a", Fraction(5), Decimal(1)), Candidate("anna")
    assert assign(Problem.of([], [anna], {})) == Assignment()
    assert assign(Problem.of([slot], [], {})) == Assignment()
    assert assign(Problem.of([slot], [Candidate("busy", Decimal("0.5"))], {("busy", "s"): Fraction(1)})) == Assignment()


def test_an_unknown_fill_is_counted_and_never_taken_for_one() -> None:
    slot = Opening("s", "a", Fraction(5), Decimal(1))
    found = assign(Problem.of([slot], [Candidate("anna"), Candidate("ben")], {("anna", "s"): None, ("ben", "s"): None}))
    assert (found.pairs, found.unknown) == ((), 2)
    found = assign(
        Problem.of([slot], [Candidate("anna"), Candidate("ben")], {("anna", "s"): None, ("ben", "s"): Fraction(1, 4)})
    )
    assert [pair.candidate for pair in found.pairs] == ["ben"]


def test_a_full_band_leaves_new_accounts_out_and_own_ones_in() -> None:
    slots = [Opening("s1", "new", Fraction(9), Decimal(1)), Opening("s2", "own", Fraction(5), Decimal(1))]
    full = Candidate("anna", Decimal(40), 0, frozenset({"own"}))
    fills = {("anna", "s1"): Fraction(1), ("anna", "s2"): Fraction(1)}
    assert [pair.opening for pair in assign(Problem.of(slots, [full], fills)).pairs] == ["s2"]


def test_among_equals_whoever_manages_the_account_comes_first_then_who_has_most_hours_left() -> None:
    slot = Opening("s", "a", Fraction(5), Decimal(1))
    people = [
        Candidate("anna", Decimal(3)),
        Candidate("ben", Decimal(9)),
        Candidate("cleo", Decimal(2), accounts=frozenset("a")),
    ]
    fills = {(who.key, "s"): Fraction(1) for who in people}
    assert [pair.candidate for pair in assign(Problem.of([slot], people, fills)).pairs] == ["cleo"]
    assert [pair.candidate for pair in assign(Problem.of([slot], people[:2], fills)).pairs] == ["ben"]
