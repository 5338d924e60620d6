"""Writing members onto slots: asked once more whether each line holds on the day it begins, then by the one write path."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Protocol

from django.utils.translation import gettext as _

from accounts.loading_people import TEAM_MEMBERS
from accounts.models import Account, OrgUnit
from core.errors import DomainError
from core.staging_rows import Cell, write_rows
from coverage.load import Place
from coverage.load_queries import burdens
from coverage.loading import COVERAGE
from coverage.staffing import staffing_of
from teams.models import Member, TeamMember, TeamRole
from users.models import User


class Proposed(Protocol):
    """A member for a slot. Read-only, so that a row of the database is one too."""

    @property
    def account(self) -> Account: ...
    @property
    def org_unit(self) -> OrgUnit: ...
    @property
    def role(self) -> TeamRole: ...
    @property
    def member(self) -> Member: ...


def write_posts(*, by: User, posts: Sequence[Proposed], valid_from: dt.date) -> None:
    """Put each member on the unit from a day on, and into the account's team if she is not in it.

    Raises DomainError that names the first line that no longer holds, NotPermitted, RowsRejected.
    """
    _refuse_changed_slots(posts, valid_from)
    _refuse_overload(posts, valid_from)
    joining = _joining(posts, valid_from)
    if joining:
        write_rows(TEAM_MEMBERS, joining, by=by)
    rows: list[dict[str, Cell]] = [
        {
            "account_code": post.account.code,
            "org_unit_code": post.org_unit.code,
            "member_email": post.member.email,
            "role": post.role.code,
            "valid_from": valid_from,
        }
        for post in posts
    ]
    write_rows(COVERAGE, rows, by=by)


def _refuse_changed_slots(posts: Iterable[Proposed], on: dt.date) -> None:
    tiers = {post.account.pk: post.account.tier_id for post in posts}
    staffing = staffing_of(tiers, on)
    for post in posts:
        found = staffing[post.account.pk].slots.by_unit.get(post.org_unit.pk, ())
        slot = next((one for one in found if one.role == post.role.code), None)
        said = {"unit": post.org_unit.name, "role": post.role.name}
        if slot is None:
            raise DomainError(_("%(unit)s does not need the role %(role)s on that day.") % said)
        if any(not one.distance for one in slot.coverers):
            raise DomainError(_("%(unit)s has somebody in the role %(role)s by now.") % said)


def _refuse_overload(posts: Iterable[Proposed], on: dt.date) -> None:
    """Of everything that a member has, whoever accepts."""
    given: dict[int, list[Proposed]] = {}
    for post in posts:
        given.setdefault(post.member.pk, []).append(post)
    whole = burdens(viewer=None, member_ids=given, on=on)
    for pk, mine in given.items():
        member = mine[0].member
        places = [Place(post.account.pk, post.org_unit.pk, post.role.code) for post in mine]
        before = whole.of(pk, member.weekly_hours)
        after = whole.of(pk, member.weekly_hours, held=whole.held_by(pk).given(places=places))
        said = {"who": str(member)}
        if after.is_over and after.hours > before.hours:
            raise DomainError(_("%(who)s has no hours left for all of these.") % said)
        if after.accounts > max(whole.rates.most, before.accounts):
            raise DomainError(_("%(who)s would have more accounts than the band allows.") % said)


def _joining(posts: Iterable[Proposed], on: dt.date) -> list[dict[str, Cell]]:
    """A row for each member who is in no role in the account's team on the day."""
    teams = {post.account.team_id for post in posts}
    rows = TeamMember.objects.as_of(on).filter(team__in=teams)
    present = set(rows.values_list("team_id", "member_id"))
    found: dict[tuple[int, int], dict[str, Cell]] = {}
    for post in posts:
        key = (post.account.team_id, post.member.pk)
        if key not in present:
            row: dict[str, Cell] = {
                "account_code": post.account.code,
                "member_email": post.member.email,
                "role": post.role.code,
            }
            found.setdefault(key, {**row, "valid_from": on})
    return list(found.values())
