"""What the scores of opportunities, accounts and members are made of. Pure: no ORM, no clock.

A score is the sum of visible parts by an administrator's weights (`pipeline/scoring.py`). Every part is read from what
happened to a deal, a customer or a member's deals; none counts what somebody typed in: notes, activities, edits. A part
whose traits are not known is unknown and takes no side. `docs/algorithms/scores.md` says what each means.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pipeline.scoring import Number, ramp

Parts = Mapping[str, Fraction | None]

OPPORTUNITY, ACCOUNT, MEMBER = "opportunity", "account", "member"

DEFINITIONS: Mapping[str, int] = {OPPORTUNITY: 1, ACCOUNT: 1, MEMBER: 1}
"""What the parts mean, by kind of score; a number grows when a part is read otherwise."""

WEIGHTS: Mapping[str, Mapping[str, int]] = {
    OPPORTUNITY: {"time_in_stage": 30, "close_date": 25, "buying_roles": 20, "amount": 15, "next_step": 10},
    ACCOUNT: {"revenue": 30, "contacts": 20, "alignment": 20, "overdue": 15, "bridges": 15},
    MEMBER: {"pace": 40, "win_rate": 25, "coverage": 20, "age": 15},
}
"""The parts of each kind, with the weights that hold until an administrator sets others."""

LEAST_WON = 3
"""Won deals of an account from which on its usual amount is known."""
LEAST_CLOSED = 5
"""Closed deals of a member from which on her win rate is known."""


@dataclass(frozen=True)
class DealTraits:
    """An open deal on a day. `usual_days`: the median stay in its stage; `postponed`: how often its close date moved later;
    `roles`, of `roles_wanted`: buying roles filled among its contacts; `step_in`: days until its next step is due, below 0
    when overdue; `usual_amount`: the median of the account's won deals, in the currency of `amount`. None is unknown."""

    days_in_stage: int | None = None
    usual_days: Number | None = None
    postponed: int | None = None
    roles: int | None = None
    roles_wanted: int | None = None
    step_in: int | None = None
    amount: Number | None = None
    usual_amount: Number | None = None


def opportunity_parts(deal: DealTraits) -> dict[str, Fraction | None]:
    """From 0 (worst) to 1 (best) each."""
    return {
        "time_in_stage": ramp(_ratio(deal.days_in_stage, deal.usual_days), worst=3, best=1),
        "close_date": ramp(deal.postponed, worst=3, best=0),
        "buying_roles": ramp(_ratio(deal.roles, deal.roles_wanted), worst=0, best=1),
        "amount": ramp(_ratio(deal.amount, deal.usual_amount), worst=5, best=2),
        "next_step": ramp(deal.step_in, worst=-14, best=0),
    }


@dataclass(frozen=True)
class AccountTraits:
    """A customer on a day. Revenue of the last 12 whole months and of the 12 before, both at the rates of the earlier ones;
    open deals and how many of them are overdue; key contacts whose last contact is known, and with how many of them it was
    in the last 90 days; its alignment; on how many of us its relationships rest (effective bridges)."""

    revenue: int | None = None
    revenue_before: int | None = None
    open: int | None = None
    overdue: int = 0
    contacts: int | None = None
    contacts_lately: int = 0
    alignment: Number | None = None
    bridges: Number | None = None


def account_parts(account: AccountTraits) -> dict[str, Fraction | None]:
    """From 0 (worst) to 1 (best) each. Revenue that falls by a fifth or more is worst, that grows by a tenth or more best."""
    overdue = None if not account.open else Fraction(account.overdue, account.open)
    lately = None if not account.contacts else Fraction(account.contacts_lately, account.contacts)
    return {
        "revenue": ramp(_ratio(account.revenue, account.revenue_before), worst=Fraction(4, 5), best=Fraction(11, 10)),
        "contacts": lately,
        "alignment": None if account.alignment is None else Fraction(account.alignment),
        "overdue": ramp(overdue, worst=1, best=0),
        "bridges": ramp(account.bridges, worst=1, best=3),
    }


@dataclass(frozen=True)
class MemberTraits:
    """A member on a day: the pace of her quota of won deals; deals won and lost in the last 12 months; open pipeline ÷ what is
    left of the quota (`is_met`: nothing is left); the median age of her open deals in days."""

    pace: Number | None = None
    won: int = 0
    lost: int = 0
    coverage: Number | None = None
    is_met: bool = False
    age: Number | None = None


def member_parts(member: MemberTraits) -> dict[str, Fraction | None]:
    """From 0 (worst) to 1 (best) each: full at the pace of the quota, at every second deal won, at three times the pipeline
    that is needed."""
    closed = member.won + member.lost
    rate = Fraction(member.won, closed) if closed >= LEAST_CLOSED else None
    return {
        "pace": ramp(member.pace, worst=0, best=1),
        "win_rate": ramp(rate, worst=0, best=Fraction(1, 2)),
        "coverage": Fraction(1) if member.is_met else ramp(member.coverage, worst=0, best=3),
        "age": ramp(member.age, worst=365, best=90),
    }


def _ratio(value: Number | None, whole: Number | None) -> Fraction | None:
    """None where one is unknown, or the whole is not above zero."""
    if value is None or whole is None or whole <= 0:
        return None
    return Fraction(value) / Fraction(whole)


@dataclass(frozen=True)
class BackTest:
    """Of all pairs of a won and a lost deal: in how many the won one had the higher score, in how many both had the same."""

    pairs: int
    higher: int
    equal: int

    @property
    def share(self) -> Fraction | None:
        """Of the pairs that the score tells apart, how many it ranked right. A half is no better than a coin."""
        told = self.pairs - self.equal
        return Fraction(self.higher, told) if told else None


def back_test(won: Sequence[Fraction], lost: Sequence[Fraction]) -> BackTest:
    ordered = sorted(lost)
    higher = sum(bisect_left(ordered, one) for one in won)
    equal = sum(bisect_right(ordered, one) - bisect_left(ordered, one) for one in won)
    return BackTest(len(won) * len(lost), higher, equal)


PARTS_OF: Mapping[str, Callable[..., dict[str, Fraction | None]]] = {
    OPPORTUNITY: opportunity_parts,
    ACCOUNT: account_parts,
    MEMBER: member_parts,
}
