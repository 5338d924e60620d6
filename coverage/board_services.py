"""Who covers what, changed from the board: somebody comes, goes or takes over on a day. All go through the path that imports
take; each is one change, and the last one can be taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pghistory
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Account, OrgUnit
from core import formats, last_change
from core.errors import DomainError, NotPermitted
from core.periods import BEGINNING
from core.staging_periods import LOCK
from core.staging_rows import RowsRejected, write_rows
from coverage.loading import COVERAGE
from coverage.models import Coverage
from users.models import User
from users.permissions import Permission


class CoverageChanged(DomainError):
    """Somebody else changed the same slot after the page was opened. Nothing was written."""


@transaction.atomic
def cover_slot(
    *,
    code: str,
    unit: str,
    role: str,
    email: str,
    on: dt.date,
    until: dt.date | None = None,
    covers_descendants: bool = False,
    instead: bool = False,
    version: int,
    by: User,
) -> None:
    """Let a member cover a unit in a role from a day on. With `instead` whoever covers the slot on that day ceases then.

    `version` is `slot_version` when the page was opened. Account.DoesNotExist and OrgUnit.DoesNotExist for what `by` does not
    see; NotPermitted; CoverageChanged; DomainError with the form's field.
    """
    account = _editable(code, by)
    found = OrgUnit.objects.get(account=account, code=unit)
    _check(found, role, version)
    standing = Coverage.objects.filter(org_unit=found, role=role).as_of(on).select_related("member")
    with pghistory.context(user=by.pk):
        for row in standing:
            if row.member.email == email:
                _refuse_same(row, covers_descendants, until)
            elif instead:
                _end(row, on, by=by)
        _write(_row(account.code, unit, email, role, on, until, covers_descendants), by=by)


@transaction.atomic
def end_coverage(*, code: str, pk: int, on: dt.date, version: int, by: User) -> None:
    """Let a member cease to cover a unit on a day. What would not have begun by then is taken away.

    Coverage.DoesNotExist when the account has no such row; else raises as `cover_slot` does.
    """
    account = _editable(code, by)
    row = Coverage.objects.select_related("member", "org_unit", "account").get(pk=pk, account=account)
    _check(row.org_unit, row.role_id, version)
    if row.valid_to is not None and row.valid_to <= on:
        said = _("It ends on %(day)s already.") % {"day": formats.day(row.valid_to, style="long")}
        raise DomainError(said, field="on")
    with pghistory.context(user=by.pk):
        _end(row, on, by=by)


@transaction.atomic
def undo_coverage_change(*, code: str, version: int, by: User) -> None:
    """Put an account's coverage back as it stood before its last change; done again, that is taken back in turn.

    `version` is that of the change that was offered. DomainError when something else was changed since.
    """
    account = _editable(code, by)
    with pghistory.context(user=by.pk, reason=_("Took back the last change of coverage.")):
        last_change.take_back(Coverage, version=version, account_id=account.pk)


def slot_version(*, unit: int, role: str) -> int:
    """Grows with every change of who covers, covered or will cover a unit in a role."""
    return last_change.version_of(Coverage, org_unit_id=unit, role_id=role)


def _editable(code: str, by: User) -> Account:
    """The account, whose coverage `by` may change, with the lock taken before anything of it is read."""
    found: Account = Account.objects.visible_to(by).get(code=code)
    if not by.may(Permission.EDIT_ACCOUNTS) or not Account.objects.worked_by(by).filter(pk=found.pk).exists():
        raise NotPermitted(_("You see this account’s coverage, but only those who see it whole change it."))
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [f"periods of {COVERAGE.table}"])
    return found


def _check(unit: OrgUnit, role: str, version: int) -> None:
    if slot_version(unit=unit.pk, role=role) == version:
        return
    change = last_change.last_change(Coverage, org_unit_id=unit.pk, role_id=role)
    by = User.objects.filter(pk=change.by).first() if change and change.by else None
    if by is None or change is None:
        raise CoverageChanged(
            _("Somebody changed this slot after you opened it. Nothing was written; look at it again.")
        )
    said = _("%(name)s changed this slot at %(at)s, after you opened it. Nothing was written; look at it again.")
    raise CoverageChanged(said % {"name": by, "at": formats.instant(change.at)})


def _refuse_same(row: Coverage, covers_descendants: bool, until: dt.date | None) -> None:
    if row.covers_descendants == covers_descendants and row.valid_to == until:
        raise DomainError(_("%(name)s covers it so already on that day.") % {"name": row.member}, field="member")


def _end(row: Coverage, on: dt.date, *, by: User) -> None:
    if on <= row.valid_from:
        row.delete()
        return
    account, unit = row.account.code, row.org_unit.code
    _write(
        _row(account, unit, row.member.email, row.role_id, row.valid_from, on, row.covers_descendants),
        by=by,
        ids=[row.pk],
    )


def _row(
    account: str, unit: str, email: str, role: str, on: dt.date, until: dt.date | None, covers_descendants: bool
) -> dict[str, Any]:
    return {
        "account_code": account,
        "org_unit_code": unit,
        "member_email": email,
        "role": role,
        "valid_from": None if on == BEGINNING else on,
        "valid_to": until,
        "covers_descendants": covers_descendants,
    }


_FIELDS = {"member_email": "member", "valid_from": "on", "valid_to": "until", "org_unit_code": "unit"}


def _write(row: dict[str, Any], *, by: User, **how: Any) -> None:
    """One row; what is refused names the form's field."""
    try:
        write_rows(COVERAGE, [row], by=by, **how)
    except RowsRejected as error:
        problem = error.problems[0]
        raise DomainError(problem.reason, field=_FIELDS.get(problem.column, problem.column)) from error
