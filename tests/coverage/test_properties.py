"""What holds of every team and every tree: the guarantees of docs/algorithms/alignment.md, drawn at random."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from accounts.structures import Forest
from coverage.alignment import Alignment, Sums, UnitFacts, alignment_of, values_of
from coverage.slots import Fit, Post, Rule, slots_of

KINDS = ("group", "division", "site")
ROLES = ("manager", "sponsor")


@dataclass(frozen=True)
class World:
    """One customer: unit n hangs below `above[n]`, a smaller number, or is a root; fits are by member and unit."""

    kinds: tuple[str, ...]
    above: tuple[int | None, ...]
    facts: tuple[UnitFacts, ...]
    rules: tuple[Rule, ...]
    posts: tuple[Post, ...]
    fits: tuple[tuple[Fit, ...], ...]

    def alignment(self, order: Callable[[int], int] = lambda unit: unit) -> Alignment:
        """With the units numbered by `order` instead, and everything listed by the new numbers."""
        back = {order(unit): unit for unit in range(len(self.kinds))}
        kinds = {unit: self.kinds[back[unit]] for unit in sorted(back)}
        links = [(order(child), order(above)) for child, above in enumerate(self.above) if above is not None]
        posts = [replace(post, unit=order(post.unit)) for post in self.posts]
        if order(0) != 0:
            posts.reverse()
        found = slots_of(
            kinds, Forest.of(kinds, links), self.rules, posts, lambda member, unit: self.fits[member][back[unit]]
        )
        facts = {order(unit): facts for unit, facts in enumerate(self.facts)}
        return alignment_of(found.all, values_of(kinds, facts, one=100))


FIT = st.builds(Fit, st.sampled_from((True, False, None)), st.sampled_from((True, True, False, None)))
AMOUNT = st.integers(-1_000, 1_000_000)
FACTS = st.builds(UnitFacts, AMOUNT, AMOUNT, st.integers(0, 1_000_000))
MEMBERS = 3


@st.composite
def worlds(draw: st.DrawFn, facts: st.SearchStrategy[UnitFacts] = FACTS) -> World:
    units = draw(st.integers(1, 6))
    above = [None] + [draw(st.none() | st.integers(0, unit - 1)) for unit in range(1, units)]
    asked = draw(st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(ROLES)), min_size=1, unique=True))
    weights = st.decimals(0, 5, places=2)
    rules = [Rule(kind, role, draw(st.booleans()), draw(weights)) for kind, role in asked]
    return World(
        tuple(draw(st.sampled_from(KINDS)) for _ in range(units)),
        tuple(above),
        tuple(draw(facts) for _ in range(units)),
        tuple(rules),
        tuple(draw(st.lists(_post(units), max_size=6))),
        tuple(tuple(draw(FIT) for _ in range(units)) for _ in range(MEMBERS)),
    )


def _post(units: int) -> st.SearchStrategy[Post]:
    return st.builds(
        Post, st.integers(0, units - 1), st.sampled_from(ROLES), st.integers(0, MEMBERS - 1), st.booleans()
    )


@given(worlds())
def test_what_is_added_at_once_is_what_is_added_one_by_one(world: World) -> None:
    """Sums are kept by denominator and gaps rounded in whole numbers, for speed: each must be what fractions say."""
    found = world.alignment()
    assert found.sums == sum((one.sums for one in found.slots), Sums())
    for one in found.slots:
        assert one.sums.all == one.value * Fraction(one.slot.weight)
        if one.slot.fill is not None:
            assert one.sums.filled == one.sums.known * one.slot.fill
            assert one.gap == round(one.value * one.share * (1 - one.slot.fill))


def least(sums: Sums) -> Fraction:
    """The score if everything unknown were empty."""
    return sums.filled / sums.all if sums.all else Fraction(0)


@given(worlds())
def test_scores_and_fills_lie_between_nothing_and_one(world: World) -> None:
    found = world.alignment()
    assert all(one.slot.fill is None or 0 <= one.slot.fill <= 1 for one in found.slots)
    assert found.score is None or 0 <= found.score <= 1
    assert 0 <= found.known_weight <= 1
    assert found.gap == sum(one.gap or 0 for one in found.slots) >= 0


@given(worlds(), st.randoms())
def test_other_names_and_another_order_change_nothing(world: World, chance: object) -> None:
    order = list(range(len(world.kinds)))
    chance.shuffle(order)  # type: ignore[attr-defined]  # a random.Random
    assert world.alignment(lambda unit: 100 + order[unit]).sums == world.alignment().sums


@given(worlds(), st.data())
def test_more_coverage_never_lowers_what_is_known_nor_the_least_score(world: World, data: st.DataObject) -> None:
    more = replace(world, posts=(*world.posts, data.draw(_post(len(world.kinds)))))
    before, after = world.alignment(), more.alignment()
    for was, now in zip(before.slots, after.slots, strict=True):
        if was.slot.fill:
            assert now.slot.fill is not None
            assert now.slot.fill >= was.slot.fill
    assert least(after.sums) >= least(before.sums)


@given(worlds(), st.data())
def test_more_coverage_never_lowers_the_score_where_nothing_unknown_is_learnt(
    world: World, data: st.DataObject
) -> None:
    more = replace(world, posts=(*world.posts, data.draw(_post(len(world.kinds)))))
    before, after = world.alignment(), more.alignment()
    learnt = [
        now.slot.fill
        for was, now in zip(before.slots, after.slots, strict=True)
        if was.slot.fill is None and now.slot.fill is not None
    ]
    if before.score is None or after.score is None:
        assert before.score is None or before.score == 0, "only a score of nothing can be lost to the unknown"
    elif all(fill >= before.score for fill in learnt):
        assert after.score >= before.score


def test_what_is_learnt_may_lower_the_score() -> None:
    """The exact edge of the guarantee: an unknown slot that turns out to be filled by a quarter."""
    world = World(
        ("site", "site"), (None, None), (UnitFacts(), UnitFacts()), (Rule("site", "manager"),),
        (Post(0, "manager", 0), Post(1, "manager", 1)),
        ((Fit(True, True),) * 2, (Fit(None, True),) * 2, (Fit(False, False),) * 2),
    )  # fmt: skip
    more = replace(world, posts=(*world.posts, Post(1, "manager", 2)))
    assert world.alignment().score == 1
    assert more.alignment().score == Fraction(5, 8)
    assert (least(world.alignment().sums), least(more.alignment().sums)) == (Fraction(1, 2), Fraction(5, 8))


@given(worlds(), st.integers(2, 9))
def test_weights_are_ratios(world: World, times: int) -> None:
    scaled = replace(world, rules=tuple(replace(rule, weight=rule.weight * Decimal(times)) for rule in world.rules))
    before, after = world.alignment(), scaled.alignment()
    assert (after.score, after.known_weight, after.gap) == (before.score, before.known_weight, before.gap)


RICH = st.builds(UnitFacts, st.integers(10_000, 1_000_000))


@given(worlds(RICH), st.integers(2, 9))
def test_a_customer_twice_the_size_has_the_same_score(world: World, times: int) -> None:
    scaled = replace(world, facts=tuple(UnitFacts(f.revenue * times) for f in world.facts))
    assert scaled.alignment().score == world.alignment().score


@given(worlds(RICH))
def test_two_halves_of_a_unit_have_the_score_of_the_whole(world: World) -> None:
    """The last unit, which has nothing below it, is split in two, with its coverers on both."""
    last = len(world.kinds) - 1
    facts = [UnitFacts(f.revenue * 2) for f in world.facts]
    whole = replace(world, facts=tuple(facts))
    halves = World(
        (*world.kinds, world.kinds[last]),
        (*world.above, world.above[last]),
        (*facts[:-1], world.facts[last], world.facts[last]),
        world.rules,
        (*world.posts, *(replace(post, unit=last + 1) for post in world.posts if post.unit == last)),
        tuple((*fits, fits[last]) for fits in world.fits),
    )
    assert halves.alignment().score == whole.alignment().score
    assert halves.alignment().known_weight == whole.alignment().known_weight


@given(worlds(), st.data())
def test_parts_add_up_to_the_whole(world: World, data: st.DataObject) -> None:
    found = world.alignment()
    units = list(range(len(world.kinds)))
    some = data.draw(st.sets(st.sampled_from(units)))
    assert found.of_units(some) + found.of_units(set(units) - some) == found.sums


@given(worlds())
def test_what_is_filled_and_what_is_missing_are_the_worth(world: World) -> None:
    """Of every unit whose slots are all known, to half a minor unit a slot."""
    found = world.alignment()
    for unit, value in found.values.items():
        slots = [one for one in found.slots if one.slot.unit == unit]
        if slots and all(one.slot.fill is not None for one in slots) and any(one.share for one in slots):
            filled = sum((value * one.share * (one.slot.fill or 0) for one in slots), Fraction(0))
            assert abs(value - filled - sum(one.gap or 0 for one in slots)) <= Fraction(len(slots), 2)
