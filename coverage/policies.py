"""The policies of a tier as a grid, and what another grid would do to the customers of the tier, before it is saved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from accounts.models import Account, Tier
from core.last_change import LastChange, last_change
from coverage.alignment import Alignment, Sums
from coverage.models import CoveragePolicy
from coverage.slots import Rule
from coverage.weighing import weighings
from teams.models import TeamRole
from users.models import User

Place = tuple[str, str]
"""A unit kind and a role."""

WEIGHED_AT_MOST = 500
"""Customers whose alignment a dry run weighs; of more the first by name, and it says so."""


@dataclass(frozen=True)
class Cell:
    """How much a role weighs on a unit of a kind, and whether a unit above may lend it."""

    weight: Decimal
    is_inheritable: bool


def cells_of(*, tier: str) -> dict[Place, Cell]:
    """What a tier asks for."""
    rows = CoveragePolicy.objects.filter(tier=tier).values_list("unit_kind", "role_id", "weight", "is_inheritable")
    return {(kind, role): Cell(weight, inherits) for kind, role, weight, inherits in rows}


@dataclass(frozen=True)
class PolicyDesk:
    """What the page shows beside the grid: all tiers, the customers of this one, and its last change."""

    tier: Tier
    tiers: list[Tier]
    accounts: int
    last: LastChange | None
    last_by: str


def policy_desk(*, viewer: User, tier: str) -> PolicyDesk | None:
    """Of a tier by its code, or of the first; None where there is none."""
    tiers = list(Tier.objects.order_by("position", "code"))
    if not tiers:
        return None
    chosen = next((one for one in tiers if one.pk == tier), tiers[0])
    last = last_change(CoveragePolicy, tier_id=chosen.pk)
    by = User.objects.filter(pk=last.by).first() if last and last.by else None
    if by is None or (last and "batch" in last.metadata):
        last = None
    accounts = Account.objects.visible_to(viewer).filter(tier=chosen).count()
    return PolicyDesk(chosen, tiers, accounts, last, str(by or ""))


@dataclass(frozen=True)
class AccountEffect:
    """One customer with its sums before and after, and how many slots would come and go.

    Without figures that the reader may see (`has_money`), units weigh the same and a gap says nothing in money.
    """

    account: Account
    before: Sums
    after: Sums
    new: int
    gone: int
    has_money: bool

    @property
    def more_gap(self) -> int:
        """By how much the gaps grow, in minor units."""
        return self.after.gap - self.before.gap


@dataclass(frozen=True)
class PolicyEffect:
    """What a grid would do. Money is in minor units of `currency`; `left_out` customers were not weighed."""

    rows: list[AccountEffect]
    currency: str
    left_out: int

    @property
    def total(self) -> AccountEffect | None:
        """All customers together: sums are added, a score is never a mean of scores."""
        if not self.rows:
            return None
        return AccountEffect(
            self.rows[0].account,
            sum((row.before for row in self.rows), Sums()),
            sum((row.after for row in self.rows), Sums()),
            sum(row.new for row in self.rows),
            sum(row.gone for row in self.rows),
            any(row.has_money for row in self.rows),
        )


def policy_effect(*, viewer: User, tier: str, cells: Mapping[Place, Cell], on: dt.date) -> PolicyEffect:
    """The alignment of the tier's customers under `cells` instead of what stands; values hold what `viewer` may see."""
    accounts = Account.objects.visible_to(viewer).filter(tier=tier).order_by("name", "id")
    chosen = list(accounts[:WEIGHED_AT_MOST])
    rules = _rules(cells)
    found = weighings(viewer=viewer, account_ids=[one.pk for one in chosen], on=on)
    rows = []
    for account in chosen:
        weighing = found[account.pk]
        before = weighing.alignment
        after = replace(weighing, staffing=replace(weighing.staffing, rules=rules)).alignment
        rows.append(_effect(account, before, after, has_money=bool(weighing.facts)))
    rows.sort(key=lambda row: (-row.more_gap, row.account.name))
    currency = next((one.currency for one in found.values()), "")
    return PolicyEffect(rows, currency, accounts.count() - len(chosen))


def _effect(account: Account, before: Alignment, after: Alignment, *, has_money: bool) -> AccountEffect:
    stood = {(one.slot.unit, one.slot.role) for one in before.slots}
    stands = {(one.slot.unit, one.slot.role) for one in after.slots}
    return AccountEffect(account, before.sums, after.sums, len(stands - stood), len(stood - stands), has_money)


def _rules(cells: Mapping[Place, Cell]) -> tuple[Rule, ...]:
    """In the order in which roles stand, as stored policies are read."""
    position = {
        code: at for at, code in enumerate(TeamRole.objects.order_by("position", "pk").values_list("pk", flat=True))
    }
    ordered = sorted(cells, key=lambda place: (position.get(place[1], 0), place))
    return tuple(Rule(kind, role, cells[kind, role].is_inheritable, cells[kind, role].weight) for kind, role in ordered)
