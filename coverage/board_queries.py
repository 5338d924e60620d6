"""What the alignment board of one customer reads, of what a reader may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from accounts.access import scope_of
from accounts.models import Account, OrgUnit
from accounts.queries import AccountHead
from core import formats, last_change
from core.last_change import LastChange
from coverage import reasons, weighing
from coverage.alignment import WeighedSlot
from coverage.board import BY_TREE, Board, Line, Narrowing, laid_out
from coverage.models import AlignmentScore, Coverage
from coverage.weighing import Report, Weighing
from money.conversion import from_minor
from money.queries import exponents
from teams.models import Member, TeamMember, TeamRole
from users.models import User
from users.permissions import Permission


@dataclass(frozen=True)
class BoardPage:
    """An account on a day with everything its board is drawn from.

    `members` are those who cover or serve, by id; `team` are the ids of who serves; `roles` names by code in their order.
    """

    report: Report
    today: dt.date
    may_edit: bool
    lines: Mapping[int, Line]
    members: Mapping[int, Member]
    team: tuple[int, ...]
    roles: Mapping[str, str]

    @property
    def account(self) -> Account:
        return self.report.account

    @property
    def on(self) -> dt.date:
        return self.report.on

    @property
    def weighing(self) -> Weighing:
        return self.report.weighing

    @property
    def currency(self) -> str:
        return self.weighing.currency

    @cached_property
    def exponent(self) -> int:
        return exponents()[self.currency]

    @property
    def has_policy(self) -> bool:
        return bool(self.weighing.staffing.rules)

    @property
    def day_query(self) -> dict[str, str]:
        """What an address carries where another day than today is shown."""
        return {} if self.on == self.today else {"on": self.on.isoformat()}

    @cached_property
    def covering(self) -> dict[str, str]:
        """Names of who covers anything on the day, by e-mail address."""
        return {
            self.members[post.member].email: str(self.members[post.member]) for post in self.weighing.staffing.posts
        }

    @cached_property
    def ids(self) -> dict[str, int]:
        return {member.email: pk for pk, member in self.members.items()}

    @property
    def has_money(self) -> bool:
        """Whether any of the money behind the values is for the reader."""
        return self.report.has_money

    def money(self, minor: int | Fraction) -> Decimal | formats.Unknown:
        """An amount of minor units in its major ones, to the minor unit."""
        return from_minor(round(minor), self.exponent) if self.has_money else formats.NOT_SHOWN

    def line(self, one: WeighedSlot) -> SlotLine:
        return SlotLine(self, one)


@dataclass(frozen=True)
class SlotLine:
    """A slot as a line of the gap list and of the file."""

    page: BoardPage
    one: WeighedSlot

    @property
    def unit(self) -> Line:
        return self.page.lines[self.one.slot.unit]

    @property
    def role(self) -> str:
        return self.page.roles[self.one.slot.role]

    @property
    def names(self) -> str:
        return ", ".join(str(self.page.members[pk]) for pk in self.one.slot.members)

    @property
    def source(self) -> Line | None:
        source = self.one.slot.source
        return None if source is None else self.page.lines[source]

    @property
    def value(self) -> Decimal | formats.Unknown:
        """The part of its unit's value that the slot stands for."""
        return self.page.money(self.one.value * self.one.share)

    @property
    def gap(self) -> Decimal | formats.Unknown | None:
        return None if self.one.gap is None else self.page.money(self.one.gap)

    @cached_property
    def reasons(self) -> list[str]:
        """Why the fill is below 1; a slot that is wholly filled needs none."""
        slot = self.one.slot
        return [] if slot.fill == 1 else reasons.of_slot(slot, self.page.weighing.staffing.units)


def may_cover(*, viewer: User, head: AccountHead) -> bool:
    """Whether `viewer` may change who covers what: with the permission, and sight of the whole account."""
    return viewer.may(Permission.EDIT_ACCOUNTS) and head.is_whole


def board_page(*, viewer: User, head: AccountHead, on: dt.date | None = None) -> BoardPage:
    """What the board of an account that `viewer` sees is drawn from on a day (default: the business date)."""
    report = weighing.report(viewer=viewer, code=head.account.code, on=on)
    staffing = report.weighing.staffing
    serving = TeamMember.objects.filter(team=head.account.team_id).as_of(report.on).select_related("member")
    team = {row.member_id: row.member for row in serving}
    names = OrgUnit.objects.filter(pk__in=staffing.units).values_list("pk", "name")
    lines = {pk: Line(staffing.units[pk].code, name, staffing.units[pk].country) for pk, name in names}
    roles = dict(TeamRole.objects.order_by("position", "code").values_list("code", "name"))
    return BoardPage(
        report=report,
        today=scope_of(viewer).on,
        may_edit=may_cover(viewer=viewer, head=head),
        lines=lines,
        members={**team, **staffing.members},
        team=tuple(team),
        roles=roles,
    )


def board_of(page: BoardPage, narrowing: Narrowing | None = None, order: str = BY_TREE) -> Board:
    """The board with the slots that were asked for, all by default."""
    return laid_out(page.weighing.alignment, page.weighing.staffing.above, page.lines, page.roles, narrowing, order)


#: So many of the kept scores make the trend.
KEPT = 36


def kept_scores(*, page: BoardPage) -> list[AlignmentScore]:
    """The scores that were kept of the account up to the day shown, the oldest first. They hold all facts: none for who sees
    a part."""
    if page.report.is_restricted:
        return []
    rows = AlignmentScore.objects.filter(account_id=page.account.pk, country="", on__lte=page.on)
    return list(rows.order_by("-on")[:KEPT])[::-1]


def last_coverage_change(*, page: BoardPage) -> tuple[LastChange, str] | None:
    """The change that can be taken back, and who made it; None for who may not, or where there is none."""
    found = last_change.last_change(Coverage, account_id=page.account.pk) if page.may_edit else None
    if found is None:
        return None
    by = User.objects.filter(pk=found.by).first() if found.by else None
    return found, str(by) if by else ""


def role_named(code: str) -> TeamRole | None:
    found: TeamRole | None = TeamRole.objects.filter(pk=code).first() if "\0" not in code else None
    return found
