"""The funnel and the growth of the pipeline as arithmetic: nested steps, parts that add up, shares that lose nothing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rollups.funnel import STEPS, FunnelLead, Worth, ageing, by, funnel
from rollups.growth import GONE, Growth, growth, movement, spread

AGES: dict[str, tuple[int, int | None]] = {"week": (0, 7), "older": (8, None)}
DAY = dt.date(2024, 1, 1)
days = st.dates(min_value=DAY, max_value=DAY + dt.timedelta(days=400))
worths = st.builds(
    Worth,
    minor=st.integers(0, 10**9),
    facts=st.integers(0, 3),
    unpriced=st.lists(st.tuples(st.just("ARS"), st.decimals(0, 100, places=2)), max_size=2).map(tuple),
)
leads = st.builds(
    FunnelLead,
    id=st.integers(1, 10**6),
    country=st.sampled_from(["DE", "FR", ""]),
    source=st.sampled_from(["web", "fair", ""]),
    campaign=st.just(""),
    status=st.sampled_from(["new", "marketing_qualified", "converted"]),
    rank=st.integers(0, len(STEPS) - 1),
    days=st.tuples(*[st.none() | days] * len(STEPS)),
    waits=st.none() | st.integers(-3, 400),
    expected=worths,
    deal=worths,
)
cohorts = st.lists(leads, max_size=30)
amounts = st.integers(-(10**9), 10**9)
sides = st.dictionaries(st.tuples(st.integers(1, 6), st.sampled_from(["DE", "FR", "JP"])), amounts)
outcomes = st.dictionaries(st.integers(1, 6), st.sampled_from(["open", "won", "lost"]))


def lead(**changes: object) -> FunnelLead:
    told: dict[str, object] = {
        "id": 1, "country": "DE", "source": "", "campaign": "", "status": "new", "rank": 0, "days": (DAY, *[None] * 4),
        "waits": 3, "expected": Worth(), "deal": Worth(),
    }  # fmt: skip
    return FunnelLead(**{**told, **changes})  # type: ignore[arg-type]  # of a test


@given(cohorts)
def test_no_step_holds_more_than_the_one_before(cohort: list[FunnelLead]) -> None:
    steps = funnel(cohort)
    assert [step.code for step in steps] == list(STEPS)
    assert all(a.leads >= b.leads for a, b in pairwise(steps))
    assert all(step.conversion is None or 0 <= step.conversion <= 1 for step in steps)


@given(cohorts)
def test_parts_add_up_to_the_whole_in_leads_and_money(cohort: list[FunnelLead]) -> None:
    whole = funnel(cohort)
    parts = [funnel(its) for its in by(cohort, lambda one: one.source).values()]
    for at, step in enumerate(whole):
        for name in ("leads", "minor", "unpriced", "unknown"):
            assert sum(getattr(part[at], name) for part in parts) == getattr(step, name)


def test_a_whole_converts_by_its_sums_and_not_by_the_mean_of_its_parts() -> None:
    """9 of 10 and 0 of 90 are 9 of 100, not 45 %."""
    cohort = [lead(source="a", rank=1)] * 9 + [lead(source="a")] + [lead(source="b")] * 90
    assert funnel(cohort)[1].conversion == Fraction(9, 100)


def test_days_are_taken_between_steps_and_never_below_nothing() -> None:
    cohort = [
        lead(rank=1, days=(DAY, DAY + dt.timedelta(days=4), None, None, None)),
        lead(rank=1, days=(DAY, DAY - dt.timedelta(days=9), None, None, None)),
        lead(rank=1, days=(None, DAY, None, None, None)),
    ]
    step = funnel(cohort)[1]
    assert (step.median_days, step.timed) == (Fraction(2), 2)


@given(cohorts)
def test_everybody_who_waits_has_one_age(cohort: list[FunnelLead]) -> None:
    counted = sum(sum(of_status.values()) for of_status in ageing(cohort, AGES).values())
    assert counted == sum(one.waits is not None for one in cohort)


@given(sides, sides, outcomes)
def test_movements_add_up_at_every_node(
    then: dict[tuple[int, str], int], now: dict[tuple[int, str], int], ended: dict[int, str]
) -> None:
    found = growth(then, now, ended)
    assert found.before == sum(then.values())
    assert found.after == sum(now.values())
    moved = found.new + found.grown - found.shrunk - found.won - found.lost - found.gone
    assert found.before + moved == found.after
    parts = [growth(then, now, ended, [key for key in {*then, *now} if key[1] == c]) for c in ("DE", "FR", "JP")]
    assert sum(parts, Growth()) == found


def test_what_is_open_no_more_leaves_by_its_outcome() -> None:
    assert movement(5, None, "won").won == 5
    assert movement(5, None, "lost").lost == 5
    assert movement(5, None, GONE).gone == 5
    # Still open, but its country changed: it is gone here, and new there.
    assert movement(5, None, "open").gone == 5


@given(st.decimals(-(10**8), 10**8, places=4), st.lists(st.decimals(0, 10**6, places=4), min_size=1, max_size=8))
def test_a_spread_amount_loses_nothing(amount: Decimal, weights: list[Decimal]) -> None:
    assert sum(spread(amount, weights)) == amount


def test_an_amount_is_spread_by_largest_remainder() -> None:
    assert spread(Decimal(1), [Decimal(1)] * 3) == [Decimal("0.3334"), Decimal("0.3333"), Decimal("0.3333")]
