from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.loading_people import TEAM_MEMBERS
from core.errors import DomainError, NotPermitted
from core.staging_rows import Cell, write_rows
from coverage.loading import COVERAGE
from coverage.models import Coverage
from coverage.reassigning import WhatIf, what_if
from teams.models import GLOBAL_ACCOUNT_MANAGER, Member, TeamMember
from users.models import User
from users.permissions import Permission

Row = dict[str, Cell]


@transaction.atomic
def reassign(*, by: User, giver: str, taker: str, account: str, keys: Collection[str], on: dt.date | None) -> int:
    """From a day on, the taker has what the giver had: the roles and coverage named by `keys`. Returns how many.

    Raises NotPermitted, RowsRejected, and DomainError when a person or the account is not found or nothing is chosen.
    """
    if not by.may(Permission.EDIT_ACCOUNTS):
        raise NotPermitted(_("You may not change this."))
    if on is None:
        raise DomainError(_("Choose a day."), field="on")
    asked = what_if(viewer=by, giver=giver, taker=taker, account=account, keys=keys, on=on)
    if asked.giver is None or asked.taker is None or asked.account is None:
        raise DomainError(_("Choose who gives, who takes, and an account."))
    rows = [item.row for item in asked.chosen]
    if not rows:
        raise DomainError(_("Choose what is given."))
    if any(row.valid_from == on for row in rows):
        raise DomainError(_("Some of it begins on this very day. Choose a later one."), field="on")
    with pghistory.context(user=by.pk, reason=_("re-assignment")):
        _move_seats(by, asked, [row for row in rows if isinstance(row, TeamMember)], asked.account.code, asked.taker)
        _move_places(by, [row for row in rows if isinstance(row, Coverage)], asked.account.code, asked.taker, on)
    return len(rows)


def _move_seats(by: User, asked: WhatIf, seats: list[TeamMember], account: str, taker: Member) -> None:
    """Whoever takes coverage and has no role at the account joins its team in the role of that coverage."""
    assert asked.account is not None
    mine = TeamMember.objects.as_of(asked.on).filter(team=asked.account.team_id, member=taker)
    there = set(mine.values_list("role_id", flat=True))
    rows: list[Row] = []
    for seat in seats:
        key: Row = {"account_code": account, "role": seat.role_id}
        if seat.role_id != GLOBAL_ACCOUNT_MANAGER:  # there the new one's beginning is the other's end
            old: Row = {"member_email": seat.member.email, "valid_from": seat.valid_from, "valid_to": asked.on}
            rows.append({**key, **old})
        if seat.role_id not in there:
            rows.append({**key, "member_email": taker.email, "valid_from": asked.on, "valid_to": seat.valid_to})
    if not there and not seats:
        first = next(item.row for item in asked.chosen)
        row: Row = {"account_code": account, "role": first.role_id, "member_email": taker.email}
        rows.append({**row, "valid_from": asked.on, "valid_to": first.valid_to})
    if rows:
        write_rows(TEAM_MEMBERS, rows, by=by)


def _move_places(by: User, places: list[Coverage], account: str, taker: Member, on: dt.date) -> None:
    there = set(
        Coverage.objects.as_of(on).filter(member=taker, account__code=account).values_list("org_unit_id", "role_id")
    )
    rows: list[Row] = []
    for place in places:
        key: Row = {
            "account_code": account,
            "org_unit_code": place.org_unit.code,
            "role": place.role_id,
            "covers_descendants": place.covers_descendants,
        }
        old: Row = {"member_email": place.member.email, "valid_from": place.valid_from, "valid_to": on}
        rows.append({**key, **old})
        if (place.org_unit_id, place.role_id) not in there:
            rows.append({**key, "member_email": taker.email, "valid_from": on, "valid_to": place.valid_to})
    if rows:
        write_rows(COVERAGE, rows, by=by)
