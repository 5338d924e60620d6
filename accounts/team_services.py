"""Who serves an account: everybody comes, changes and leaves from a day on. All go through the path that imports take."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pghistory
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.loading_people import TEAM_MEMBERS
from accounts.models import Account
from core import formats, last_change
from core.errors import DomainError, NotPermitted
from core.periods import BEGINNING
from core.staging_periods import LOCK
from core.staging_rows import RowsRejected, write_rows
from teams.models import GLOBAL_ACCOUNT_MANAGER, TeamMember
from users.models import User
from users.permissions import Permission


class TeamChanged(DomainError):
    """Somebody else changed the same thing after the page was opened. Nothing was written."""


@transaction.atomic
def add_to_team(*, code: str, email: str, role: str, on: dt.date | None, until: dt.date | None, by: User) -> None:
    """Let a member serve an account in a role from a day on (None: since ever). The global account manager is appointed
    with `appoint_manager`. Account.DoesNotExist when `by` sees none; NotPermitted; DomainError with the form's field."""
    account = _staffed(code, by)
    if role == GLOBAL_ACCOUNT_MANAGER:
        raise DomainError(_("There is one at a time: choose “Replace the global account manager”."), field="role")
    _write(_row(account, email, role, on, until), by=by, create_only=True)


@transaction.atomic
def appoint_manager(
    *, code: str, email: str, on: dt.date | None, until: dt.date | None = None, version: int, by: User
) -> None:
    """Make a member the global account manager from a day on; whoever is so until then ends on that day.

    `version` is `manager_version` when the page was opened. TeamChanged when somebody appointed one since: of two who
    appoint at once the second is told, and nothing of the first is overwritten. Else raises as `add_to_team` does.
    """
    account = _staffed(code, by)
    day = on or BEGINNING
    rows = TeamMember.objects.filter(team=account.team_id).in_role(GLOBAL_ACCOUNT_MANAGER).select_related("member")
    if manager_version(account=account) != version:
        last = rows.order_by("-valid_from").first()
        raise TeamChanged(_appointed(last) if last else _("Somebody changed this meanwhile. Look at the team again."))
    later = rows.filter(valid_from__gte=day).order_by("valid_from").first()
    if later is not None and (until is None or until > later.valid_from):
        raise DomainError(_appointed(later) + " " + _("Choose a later day, or end that period first."), field="on")
    standing = rows.as_of(day).first()
    if standing is not None and standing.member.email == email:
        raise DomainError(_("%(name)s is so already on that day.") % {"name": standing.member}, field="member")
    if standing is not None and standing.valid_to is not None:
        # A period that ends by itself isn't cut by a later one.
        _correct(standing, {"valid_to": day}, by=by)
    _write(_row(account, email, GLOBAL_ACCOUNT_MANAGER, on, until), by=by)


@transaction.atomic
def correct_membership(
    *, code: str, pk: int, role: str, on: dt.date | None, until: dt.date | None, version: int, by: User
) -> None:
    """Say anew in which role and when a member serves an account: for what was written wrongly.

    `version` is `membership_version` when the form was opened. TeamMember.DoesNotExist, TeamChanged, and as `add_to_team`.
    """
    row = _membership(code, pk, version, by)
    _correct(row, {"role": role, "valid_from": on or BEGINNING, "valid_to": until}, by=by)


@transaction.atomic
def end_membership(*, code: str, pk: int, on: dt.date, version: int, by: User) -> None:
    """Let a member cease to serve an account in a role on a day. What would not have begun by then is taken away.

    Raises as `correct_membership` does; DomainError when it has ended by then.
    """
    row = _membership(code, pk, version, by)
    if row.valid_to is not None and row.valid_to <= on:
        said = _("It ends on %(day)s already.") % {"day": formats.day(row.valid_to, style="long")}
        raise DomainError(said, field="on")
    if on > row.valid_from:
        _correct(row, {"valid_to": on}, by=by)
    else:
        with pghistory.context(user=by.pk):
            row.delete()


@transaction.atomic
def undo_team_change(*, code: str, version: int, by: User) -> None:
    """Put an account's team back as it stood before its last change; done again, that is taken back in turn."""
    account = _staffed(code, by)
    with pghistory.context(user=by.pk, reason=_("Took back the last change of the team.")):
        last_change.take_back(TeamMember, version=version, team_id=account.team_id)


def manager_version(*, account: Account) -> int:
    """Grows with every change of who is, was or will be the account's global account manager."""
    return last_change.version_of(TeamMember, team_id=account.team_id, role_id=GLOBAL_ACCOUNT_MANAGER)


def membership_version(*, row: TeamMember) -> int:
    """Grows with every change of one membership."""
    return last_change.version_of(TeamMember, pgh_obj_id=row.pk)


def lock_teams() -> None:
    """One writer at a time changes teams, as when rows are loaded; held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, ["periods of teams_teammember"])


def _staffed(code: str, by: User) -> Account:
    """The account, whose team `by` may change, with the lock taken before anything of the team is read."""
    found: Account = Account.objects.visible_to(by).get(code=code)
    if not by.may(Permission.EDIT_ACCOUNTS) or not Account.objects.staffed_by(by).filter(pk=found.pk).exists():
        raise NotPermitted(_("You see this account’s team, but its members and administrators change it."))
    lock_teams()
    return found


def _membership(code: str, pk: int, version: int, by: User) -> TeamMember:
    account = _staffed(code, by)
    row: TeamMember = TeamMember.objects.select_related("member").get(pk=pk, team=account.team_id)
    if membership_version(row=row) != version:
        raise TeamChanged(_("Somebody changed this after you opened it. Look at the team again."))
    return row


def _appointed(row: TeamMember) -> str:
    day = formats.day(row.valid_from, style="long") if row.valid_from > BEGINNING else _("the beginning")
    return _("%(name)s is global account manager from %(day)s.") % {"name": row.member, "day": day}


def _row(account: Account, email: str, role: str, on: dt.date | None, until: dt.date | None) -> dict[str, Any]:
    return {"account_code": account.code, "member_email": email, "role": role, "valid_from": on, "valid_to": until}


def _correct(row: TeamMember, change: dict[str, Any], *, by: User) -> None:
    account = Account.objects.get(team=row.team_id)
    whole = _row(account, row.member.email, row.role_id, row.valid_from, row.valid_to)
    _write({**whole, **change}, by=by, ids=[row.pk])


_FIELDS = {"member_email": "member", "valid_from": "on", "valid_to": "until"}


def _write(row: dict[str, Any], *, by: User, **how: Any) -> None:
    """One row; what is refused names the form's field."""
    try:
        write_rows(TEAM_MEMBERS, [row], by=by, **how)
    except RowsRejected as error:
        problem = error.problems[0]
        raise DomainError(problem.reason, field=_FIELDS.get(problem.column, problem.column)) from error
