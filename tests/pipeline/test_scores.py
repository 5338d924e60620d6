"""What scores are made of, and that no part rewards typing."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.scores import (
    ACCOUNT,
    MEMBER,
    OPPORTUNITY,
    PARTS_OF,
    WEIGHTS,
    AccountTraits,
    BackTest,
    DealTraits,
    MemberTraits,
    account_parts,
    back_test,
    member_parts,
    opportunity_parts,
)
from pipeline.scoring import score_by

TRAITS: dict[str, Any] = {OPPORTUNITY: DealTraits, ACCOUNT: AccountTraits, MEMBER: MemberTraits}
#: What somebody brings about by typing, and nothing else.
TYPED = ("note", "activit", "edit", "comment", "log", "entr", "email", "call", "text", "field", "updated", "typed")
COUNTS = st.none() | st.integers(-50, 500)


@pytest.mark.parametrize("kind", TRAITS)
def test_every_part_has_a_weight_and_every_weight_a_part(kind: str) -> None:
    assert set(PARTS_OF[kind](TRAITS[kind]())) == set(WEIGHTS[kind])
    assert sum(WEIGHTS[kind].values()) == 100


@pytest.mark.parametrize("kind", TRAITS)
def test_no_part_rewards_typing(kind: str) -> None:
    """Traits are read from deals, money, people and days; none is how much was written down."""
    read = [field.name for field in dataclasses.fields(TRAITS[kind])] + list(WEIGHTS[kind])
    assert [name for name in read for word in TYPED if word in name] == []


@pytest.mark.parametrize("kind", TRAITS)
def test_without_any_trait_nothing_is_known(kind: str) -> None:
    found = score_by(PARTS_OF[kind](TRAITS[kind]()), WEIGHTS[kind])
    assert (found.value, found.known_weight) == (None, Fraction(0))


@given(st.builds(DealTraits, *[COUNTS] * 8))
def test_parts_of_a_deal_lie_between_worst_and_best(deal: DealTraits) -> None:
    assert all(part is None or 0 <= part <= 1 for part in opportunity_parts(deal).values())


@given(st.integers(0, 400), st.integers(0, 400), st.integers(1, 90))
def test_a_deal_that_stays_longer_never_gains(days: int, more: int, usual: int) -> None:
    parts = [opportunity_parts(DealTraits(one, usual))["time_in_stage"] for one in (days, days + more)]
    assert parts[0] is not None
    assert parts[1] is not None
    assert parts[1] <= parts[0]


def test_parts_of_a_deal() -> None:
    deal = DealTraits(
        days_in_stage=40, usual_days=20, postponed=1, roles=1, roles_wanted=2, step_in=-7, amount=350, usual_amount=100
    )
    assert opportunity_parts(deal) == {
        "time_in_stage": Fraction(1, 2),
        "close_date": Fraction(2, 3),
        "buying_roles": Fraction(1, 2),
        "amount": Fraction(1, 2),
        "next_step": Fraction(1, 2),
    }


def test_parts_of_an_account() -> None:
    account = AccountTraits(
        revenue=950,
        revenue_before=1000,
        open=4,
        overdue=1,
        contacts=5,
        contacts_lately=2,
        alignment=Fraction(3, 5),
        bridges=2,
    )
    assert account_parts(account) == {
        "revenue": Fraction(1, 2),
        "contacts": Fraction(2, 5),
        "alignment": Fraction(3, 5),
        "overdue": Fraction(3, 4),
        "bridges": Fraction(1, 2),
    }
    assert account_parts(AccountTraits(revenue=950, revenue_before=0, open=0))["revenue"] is None


def test_parts_of_a_member() -> None:
    member = MemberTraits(pace=Fraction(4, 5), won=2, lost=6, coverage=Fraction(3, 2), age=Fraction(455, 2))
    assert member_parts(member) == {
        "pace": Fraction(4, 5),
        "win_rate": Fraction(1, 2),
        "coverage": Fraction(1, 2),
        "age": Fraction(1, 2),
    }
    assert member_parts(MemberTraits(won=2, lost=2))["win_rate"] is None
    assert member_parts(MemberTraits(is_met=True))["coverage"] == 1


SCORES = st.lists(st.fractions(0, 1, max_denominator=4), max_size=8)


@given(SCORES, SCORES)
def test_a_back_test_compares_every_pair(won: list[Fraction], lost: list[Fraction]) -> None:
    pairs = [(one, other) for one in won for other in lost]
    assert back_test(won, lost) == BackTest(
        len(pairs), sum(one > other for one, other in pairs), sum(one == other for one, other in pairs)
    )


def test_only_pairs_that_are_told_apart_are_ranked() -> None:
    assert BackTest(10, 6, 2).share == Fraction(3, 4)
    assert BackTest(2, 0, 2).share is None
