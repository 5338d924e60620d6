"""What pages, endpoints, exports and jobs read of customers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from django.db.models import F, OuterRef, Prefetch, Subquery, Value
from django.db.models.functions import Coalesce, NullIf

from accounts.access import scope_of, sees_whole_structure
from accounts.figures import with_figures
from accounts.models import Account, AccountGrant, Contact, OrgLink, OrgUnit, Post, Structure
from accounts.querysets import AccountQuerySet, ContactQuerySet
from accounts.structures import Forest
from core import months
from core.names import full_name_of
from core.periods import BEGINNING
from teams.models import GLOBAL_ACCOUNT_MANAGER, Member, TeamMember
from teams.queries import full_name, is_current, members, team_history
from teams.querysets import MemberQuerySet
from users.models import User
from users.permissions import Permission


def accounts(*, viewer: User) -> AccountQuerySet:
    """The accounts that `viewer` sees, each with `manager_name`, its global account manager today."""
    in_charge = TeamMember.objects.in_role(GLOBAL_ACCOUNT_MANAGER).as_of(scope_of(viewer).on)
    names = in_charge.filter(team=OuterRef("team")).annotate(name=full_name("member__")).values("name")[:1]
    seen: AccountQuerySet = Account.objects.visible_to(viewer).select_related("tier", "account_type")
    return seen.annotate(manager_name=Subquery(names))


def accounts_with_figures(*, viewer: User) -> AccountQuerySet:
    """The rows of the accounts list: with revenue and open pipeline of what `viewer` may see."""
    return with_figures(accounts(viewer=viewer), viewer)


@dataclass(frozen=True)
class AccountHead:
    """The head of an account's pages. `is_whole` is whether the viewer sees all of it: contacts and every fact."""

    account: Account
    manager: Member | None
    is_whole: bool
    on: dt.date
    may_merge: bool = False

    @property
    def website(self) -> str:
        """The address to link to; empty for what is no web address."""
        given = self.account.website
        address = given if "://" in given else f"https://{given}"
        return address if given and address.startswith(("https://", "http://")) else ""

    @property
    def website_name(self) -> str:
        """The address in short: its host."""
        return urlsplit(self.website).netloc.removeprefix("www.")


def account_head(*, viewer: User, code: str) -> AccountHead:
    """Account.DoesNotExist when there is none with this code that `viewer` sees."""
    scope = scope_of(viewer)
    found = Account.objects.visible_to(viewer).select_related("tier", "account_type", "currency").get(code=code)
    in_charge = TeamMember.objects.in_role(GLOBAL_ACCOUNT_MANAGER).as_of(scope.on).filter(team=found.team_id)
    first = in_charge.select_related("member").first()
    is_whole = scope.is_everything or found.pk in scope.whole_account_ids
    may_merge = viewer.may(Permission.MERGE_ACCOUNTS)
    return AccountHead(found, first.member if first else None, is_whole, scope.on, may_merge)


def may_change_structure(*, viewer: User, account: Account) -> bool:
    """Whether `viewer` may change the structure of an account that she sees."""
    return viewer.may(Permission.EDIT_ACCOUNTS) and sees_whole_structure(viewer, account.pk)


SLIDER_MONTHS = 120


@dataclass(frozen=True)
class StructureView:
    """One structure of an account on a day. `changes` are the days on which it changed, `offered` all structures."""

    structure: str
    on: dt.date
    today: dt.date
    units: dict[int, OrgUnit]
    forest: Forest
    changes: list[dt.date]
    offered: list[str]

    @cached_property
    def first_month(self) -> int:
        """Where the slider begins: before the first change of the last ten years, at least a year back.

        An earlier day that was chosen within those ten years is on it too, or the next step would leap.
        """
        now = months.month_of(self.today)
        recent = [month for month in map(months.month_of, self.changes) if month > now - SLIDER_MONTHS]
        chosen = max(months.month_of(self.on), now - SLIDER_MONTHS)
        return min([now - 12, chosen, *(month - 1 for month in recent[:1])])

    @cached_property
    def last_month(self) -> int:
        """Where it ends: this month, or that of the last planned change."""
        return max(months.month_of(self.changes[-1]) if self.changes else 0, months.month_of(self.today))

    @property
    def first_day(self) -> dt.date:
        return months.first_day(self.first_month)

    @property
    def last_day(self) -> dt.date:
        return months.first_day(self.last_month)

    @property
    def change_months(self) -> list[int]:
        """Where the slider has a mark: months in which the structure changed."""
        return sorted({month for day in self.changes if (month := months.month_of(day)) >= self.first_month})

    @property
    def month(self) -> int:
        return min(max(months.month_of(self.on), self.first_month), self.last_month)


def structure_on(*, viewer: User, account: Account, structure: str = "", on: dt.date | None = None) -> StructureView:
    """The units of `account` that exist on a day (default: the business date) and how they stand in `structure`.

    Without a structure, or with one that the account has not drawn, the first of legal, management, geographic that it
    has. `account` is one that `viewer` sees.
    """
    today = scope_of(viewer).on
    day = on or today
    links = list(
        OrgLink.objects.filter(account=account).values_list(
            "structure", "child_id", "parent_id", "valid_from", "valid_to"
        )
    )
    drawn = {link[0] for link in links}
    offered = [code for code in Structure.values if code in drawn] or [Structure.LEGAL.value]
    chosen = structure if structure in offered else offered[0]
    units = list(OrgUnit.objects.filter(account=account).order_by("name", "id"))
    standing = [u for u in units if (u.opened_on or BEGINNING) <= day and (u.closed_on is None or day < u.closed_on)]
    held = [
        (c, p)
        for kind, c, p, since, until in links
        if kind == chosen and since <= day and (until is None or day < until)
    ]
    moved = {d for kind, _c, _p, *period in links if kind == chosen for d in period if d and d > BEGINNING}
    opened = {d for unit in units for d in (unit.opened_on, unit.closed_on) if d and d > BEGINNING}
    return StructureView(
        structure=chosen,
        on=day,
        today=today,
        units={unit.pk: unit for unit in standing},
        forest=Forest.of([unit.pk for unit in standing], held),
        changes=sorted(moved | opened),
        offered=offered,
    )


def inheritance_links(*, account_ids: Collection[int], on: dt.date) -> dict[int, list[tuple[int, int]]]:
    """By account, the (child, parent) links along which coverage is inherited on a day: those of the management structure
    where the account has one on that day, else of the legal one. One statement whatever the number of accounts."""
    kinds = (Structure.MANAGEMENT, Structure.LEGAL)
    rows = OrgLink.objects.as_of(on).filter(account_id__in=account_ids, structure__in=kinds)
    found: dict[str, dict[int, list[tuple[int, int]]]] = {kind: defaultdict(list) for kind in kinds}
    for account, structure, child, parent in rows.values_list("account_id", "structure", "child_id", "parent_id"):
        found[structure][account].append((child, parent))
    managed, owned = (found[kind] for kind in kinds)
    return {account: managed[account] or owned[account] for account in account_ids}


def contacts(*, viewer: User, account: Account) -> ContactQuerySet:
    """The people at an account with their posts today; nobody where `viewer` does not see the account whole."""
    posts = Post.objects.as_of(scope_of(viewer).on).select_related("org_unit").order_by("valid_from", "id")
    seen: ContactQuerySet = Contact.objects.visible_to(viewer).filter(account=account)
    return (
        seen.select_related("org_unit", "reports_to")
        .annotate(full_name=Coalesce(NullIf(full_name_of(has_languages=True), Value("")), F("external_id")))
        .prefetch_related(Prefetch("posts", posts, to_attr="posts_now"))
    )


@dataclass(frozen=True)
class Team:
    """Who serves an account now, who will, and who did."""

    now: list[TeamMember]
    coming: list[TeamMember]
    past: list[TeamMember]


def team(*, account: Account, on: dt.date) -> Team:
    """The team of an account that the reader sees: seeing the account is seeing its team."""
    rows = list(team_history(team_id=account.team_id))
    return Team(
        now=[row for row in rows if is_current(row, on)],
        coming=[row for row in rows if row.valid_from > on],
        past=[row for row in rows if row.valid_to is not None and row.valid_to <= on],
    )


def members_with_accounts(*, viewer: User) -> MemberQuerySet:
    """Colleagues whom `viewer` may look up, each with `serving`: roles today at accounts that she sees."""
    seen = Account.objects.visible_to(viewer).values("team")
    serving = TeamMember.objects.as_of(scope_of(viewer).on).filter(team__in=seen)
    rows = serving.select_related("team__account", "role").order_by("role__position", "team__account__name", "id")
    colleagues = members(viewer=viewer).select_related("manager")
    found: MemberQuerySet = colleagues.prefetch_related(Prefetch("memberships", rows, to_attr="serving"))
    return found


def grants_of(*, viewer: User, user: User) -> list[AccountGrant]:
    """Accounts granted to a user who is not on their teams, of those that `viewer` sees."""
    rows = AccountGrant.objects.filter(user=user, account__in=Account.objects.visible_to(viewer))
    return list(rows.select_related("account").order_by("account__name", "id"))
