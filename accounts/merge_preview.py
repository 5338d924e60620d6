"""What a merge would do, before it is done: what moves, what clashes, and who sees more or less afterwards. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import models

from accounts.access import countries_of, scope_of, tree_for
from accounts.following import Following, following
from accounts.joined_teams import Joined
from accounts.merged import AccountMerge
from accounts.merging import Choices, RenamedUnit, fetch, joined_teams, renamed_units, stays, value_of
from accounts.models import Account, AccountGrant
from core.errors import DomainError
from money.queries import exponents
from regions.models import RegionLead
from teams.models import GLOBAL_ACCOUNT_MANAGER, Member, TeamMember
from users.models import User


@dataclass(frozen=True)
class Moving:
    """Rows of one kind: how many move, how many don't (the target has their like), and their native sums by currency.

    `sums` is None for rows without money, and where the reader doesn't see both accounts whole.
    """

    noun: str
    moves: int
    stays: int
    sums: dict[str, Decimal] | None = None


@dataclass(frozen=True)
class Sight:
    """Who sees whole what she did not (`gains`), who no longer does (`loses`), and whose region shows her the names."""

    gains: list[User] = field(default_factory=list)
    loses: list[User] = field(default_factory=list)
    names: list[User] = field(default_factory=list)


@dataclass(frozen=True)
class Preview:
    """`problem` is why the merge would be refused with these choices, or empty."""

    gone: Account
    into: Account
    moving: list[Moving]
    renamed: list[RenamedUnit]
    team: Joined
    members: dict[int, Member]
    sight: Sight
    problem: str = ""

    @property
    def leaders_leaving(self) -> list[Member]:
        """Global account managers of the account that goes who don't lead all their days in the target's team."""
        parted = [*self.team.left_out, *(old for old, _new in self.team.changed)]
        return [self.members[one.member_id] for one in parted if one.role_id == GLOBAL_ACCOUNT_MANAGER]


def preview(*, viewer: User, gone: Account, into: Account, choices: Choices) -> Preview:
    """What `merge_accounts` would do with two accounts that `viewer` sees."""
    scope = scope_of(viewer)
    sees_money = scope.is_everything or {gone.pk, into.pk} <= set(scope.whole_account_ids)
    problem, renamed = "", []
    try:
        renamed = renamed_units(gone, into, choices.prefix)
    except DomainError as error:
        problem = error.message
    team = joined_teams(gone, into, choices)
    ids = {one.member_id for one in (*team.standing, *team.left_out, *(old for old, _new in team.changed))}
    return Preview(
        gone=gone,
        into=into,
        moving=[found for one in following() if (found := _moving(one, gone, into, choices, sees_money))],
        renamed=renamed,
        team=team,
        members=Member.objects.in_bulk(ids),
        sight=_sight(viewer, gone, into, team),
        problem=problem,
    )


def _moving(one: Following, gone: Account, into: Account, choices: Choices, sees_money: bool) -> Moving | None:
    here, there = value_of(gone, one.key), value_of(into, one.key)
    held = f"FROM {one.table} r WHERE r.{one.column} = %s AND {one.only}"
    if one.is_chosen and not choices.moves_quotas:
        ((staying,),) = fetch(f"SELECT count(*) {held}", [here])
        return Moving(str(one.noun), 0, staying) if staying else None
    clash = stays(one) if one.clash != "false" else "false"
    params = [there] if one.clash != "false" else []
    ((total, staying),) = fetch(f"SELECT count(*), count(*) FILTER (WHERE {clash}) {held}", [*params, here])
    if not total:
        return None
    sums = None
    if one.money and sees_money:
        amount, currency = one.money
        sql = f"SELECT r.{currency}, sum(r.{amount}) {held} AND r.{amount} IS NOT NULL AND NOT {clash} GROUP BY 1 ORDER BY 1"
        decimals = exponents()
        sums = {code: _exact(amount, decimals[code]) for code, amount in fetch(sql, [here, *params])}
    return Moving(str(one.noun), total - staying, staying, sums)


def _exact(amount: Decimal, decimals: int) -> Decimal:
    """Unrounded, without needless zeros beyond the currency's own decimals."""
    short = round(amount, decimals)
    return short if short == amount else amount.normalize()


# -- who sees what -------------------------------------------------------------------------------------------------------


def _sight(viewer: User, gone: Account, into: Account, team: Joined) -> Sight:
    before = {account.pk: _whole(viewer, account) for account in (gone, into)}
    on = scope_of(viewer).on
    stints = [one for one in team.standing if one.since <= on and (one.until is None or on < one.until)]
    joining = Member.objects.filter(pk__in={one.member_id for one in stints}, user__isnull=False)
    after = before[into.pk] | set(joining.values_list("user_id", flat=True)) | _granted(gone)
    gains = (after - before[gone.pk]) | (after - before[into.pk])
    loses = before[gone.pk] - after
    names = _led(viewer, countries_of(gone)) ^ _led(viewer, countries_of(into))
    return Sight(_users(gains), _users(loses), _users(names - after))


def _whole(viewer: User, account: Account) -> set[int]:
    serving = TeamMember.objects.as_of(scope_of(viewer).on).filter(team=account.team_id, member__user__isnull=False)
    return set(serving.values_list("member__user_id", flat=True)) | _granted(account)


def _granted(account: Account) -> set[int]:
    return set(AccountGrant.objects.filter(account=account).values_list("user_id", flat=True))


def _led(viewer: User, countries: Iterable[str]) -> set[int]:
    """Users who lead a region that holds one of the countries now."""
    on, wanted = scope_of(viewer).on, set(countries)
    leads: dict[int, set[int]] = {}
    for user, region in RegionLead.objects.as_of(on).values_list("user_id", "region_id"):
        leads.setdefault(user, set()).add(region)
    snapshot = tree_for(viewer).on(on)
    return {user for user, regions in leads.items() if wanted.intersection(snapshot.countries_under(regions))}


def _users(ids: set[int]) -> list[User]:
    """Those who don't see everything anyway."""
    found = User.objects.filter(pk__in=ids, is_active=True).order_by("family_name", "given_name", "email", "pk")
    return [user for user in found if not scope_of(user).is_everything]


# -- what was merged -----------------------------------------------------------------------------------------------------


def merges(*, viewer: User) -> models.QuerySet[AccountMerge]:
    """Merges into accounts that `viewer` sees, the latest first."""
    seen = Account.objects.visible_to(viewer).values("pk")
    found = AccountMerge.objects.filter(leads_to_id__in=seen).select_related("merged_by", "undone_by")
    return found.order_by("-merged_at", "-pk")


def merged_into(*, viewer: User, code: str = "", pk: int | None = None) -> Account | None:
    """The account that the one with this code, or id, is part of today, if `viewer` sees it."""
    if "\0" in code:  # from an address; no text in the database can hold one
        return None
    gone = {"gone_code": code} if pk is None else {"gone_id": pk}
    leads = AccountMerge.objects.filter(undone_at=None, **gone).values("leads_to_id")
    found: Account | None = Account.objects.visible_to(viewer).filter(pk__in=leads).first()
    return found
