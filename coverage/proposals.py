"""A proposal as it is read: its lines, what they change, and whether the ground has changed since."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.access import scope_of, sees_money_of, tree_for
from accounts.filters import regions_for
from accounts.models import Account
from accounts.queries import accounts
from core import formats
from coverage.ground import digest_of
from coverage.proposal_models import Proposal, ProposalState, ProposedPost
from coverage.querysets import ProposalQuerySet
from money.conversion import from_minor
from teams.models import Member
from users.models import User


def proposals(*, viewer: User) -> ProposalQuerySet:
    found: ProposalQuerySet = Proposal.objects.visible_to(viewer)
    return found.select_related("account", "region", "by")


LINES = 200


@dataclass(frozen=True)
class LoadChange:
    """A member's load before and after, of what the reader of the proposal sees."""

    member: Member
    accounts: tuple[int, int]
    hours: tuple[Decimal, Decimal]
    capacity: Decimal | None
    is_part: bool

    @property
    def is_over(self) -> bool:
        return self.capacity is not None and self.hours[1] > self.capacity


@dataclass(frozen=True)
class Line:
    """A proposed post with what it takes from the gap in money; None: it was found before that was kept."""

    post: ProposedPost
    closes: Decimal | formats.Unknown | None

    @property
    def is_open(self) -> bool:
        return self.post.accepted_at is None


@dataclass(frozen=True)
class ProposalView:
    """Everything a page says of a proposal. `changed` names the parts of the ground that have changed since. To a reader for
    whom none of the figures behind it are, amounts are not shown: to the solver every unit was worth the same."""

    proposal: Proposal
    lines: list[Line]
    loads: list[LoadChange]
    changed: list[str]
    amounts: dict[str, Decimal | formats.Unknown]

    @property
    def outcome(self) -> dict[str, Any]:
        return dict(self.proposal.outcome)

    def page(self, after: int | None) -> list[Line]:
        """So many lines as one form holds, from behind the line `after` on."""
        keys = [line.post.pk for line in self.lines]
        first = keys.index(after) + 1 if after in keys else 0
        return self.lines[first : first + LINES]

    @property
    def open_lines(self) -> list[Line]:
        return [line for line in self.lines if line.is_open]


def proposal_view(*, viewer: User, pk: int) -> ProposalView:
    """Proposal.DoesNotExist when `viewer` sees none. Lines are of accounts that she sees now."""
    proposal = proposals(viewer=viewer).get(pk=pk)
    seen = Account.objects.visible_to(viewer).values("pk")
    posts = list(
        ProposedPost.objects.filter(proposal=proposal, account__in=seen)
        .select_related("account", "org_unit", "role", "member", "accepted_by")
        .order_by("org_unit__name", "role__position", "id")
    )
    outcome = proposal.outcome
    exponent = int(outcome.get("exponent", 2))
    has_money = _has_money(viewer, proposal)
    amounts: dict[str, Decimal | formats.Unknown] = {
        name: from_minor(int(outcome[name]), exponent) if has_money else formats.NOT_SHOWN
        for name in ("gap_before", "gap_after", "gained", "bound")
        if name in outcome
    }
    closes = {post.pk: _closes(post, outcome.get("closes", {}), exponent) for post in posts}
    posts.sort(key=lambda post: -(closes[post.pk] or post.gain))
    lines = [Line(post, closes[post.pk] if has_money else formats.NOT_SHOWN) for post in posts]
    return ProposalView(proposal, lines, _loads(outcome), changed_since(proposal, lines), amounts)


def _has_money(viewer: User, proposal: Proposal) -> bool:
    if proposal.account_id is not None:
        return sees_money_of(viewer, proposal.account_id)
    scope = scope_of(viewer)
    return scope.is_everything or bool(scope.region_ids or scope.whole_account_ids)


def _closes(post: ProposedPost, closes: dict[str, int], exponent: int) -> Decimal | None:
    minor = closes.get(f"{post.org_unit_id}/{post.role_id}")
    return None if minor is None else from_minor(minor, exponent)


def _loads(outcome: dict[str, Any]) -> list[LoadChange]:
    rows = outcome.get("loads", [])
    people = Member.objects.in_bulk([row["member"] for row in rows])
    return [
        LoadChange(
            people[row["member"]],
            (row["accounts"][0], row["accounts"][1]),
            (Decimal(row["hours"][0]), Decimal(row["hours"][1])),
            None if row["capacity"] is None else Decimal(row["capacity"]),
            row["is_part"],
        )
        for row in rows
        if row["member"] in people
    ]


def changed_since(proposal: Proposal, lines: list[Line]) -> list[str]:
    """Names of the parts of the ground that differ from what the solver was told; asked while a line is open."""
    if proposal.state != ProposalState.DONE or not any(line.is_open for line in lines):
        return []
    now = digest_of(accounts=proposal.outcome["accounts"], on=proposal.on)
    return [name for name, said in now.items() if proposal.ground.get(name) != said]


@dataclass(frozen=True)
class Offered:
    """What a proposal may be asked for: accounts and regions by code and name."""

    accounts: list[tuple[str, str]]
    regions: list[tuple[str, str]]


def offered(*, viewer: User) -> Offered:
    """Regions: those that she leads with all below them, or all for who sees every account."""
    scope = scope_of(viewer)
    led = tree_for(viewer).on(scope.on).subtree(scope.region_ids) if scope.region_ids else set()
    regions = [
        (code, name)
        for code, (pk, name) in regions_for(viewer).items()
        if scope.is_everything or scope.sees_all_accounts or pk in led
    ]
    seen = accounts(viewer=viewer).order_by("name", "id").values_list("code", "name")
    return Offered(list(seen), sorted(regions, key=lambda pair: pair[1]))
