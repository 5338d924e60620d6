from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, NotPermitted
from core.last_change import version_of
from core.removal import remove
from core.staging_rows import RowsRejected, write_rows
from teams.loading import MEMBERS
from teams.models import Member
from users.models import User
from users.permissions import Permission


def invite_member(*, email: str, given_name: str, family_name: str, access: str, by: User) -> int:
    """Make somebody one of us with a login, or give a member a login. Returns the login's id.

    Raises NotPermitted, and DomainError with the field: nobody hands out a right that she doesn't hold herself.
    """
    row = {"email": email, "given_name": given_name, "family_name": family_name, "access": access}
    try:
        written = write_rows(MEMBERS, [row], by=by)
    except RowsRejected as error:
        raise DomainError(error.problems[0].reason, field=error.problems[0].column or None) from error
    member: Member = Member.objects.get(pk=written.ids[0])
    assert member.user_id is not None
    return member.user_id


class MemberChanged(DomainError):
    """Somebody else changed the member after the form was opened. Nothing was written."""


def add_member(*, values: Mapping[str, Any], by: User) -> str:
    """Make somebody one of us; `values` are named as the columns of `members.csv`. Returns the e-mail address.

    Raises NotPermitted, and DomainError with the field; also for an address that is there already.
    """
    _write(values, by=by, create_only=True)
    return str(values["email"])


@transaction.atomic
def change_member(*, pk: int, values: Mapping[str, Any], version: int, by: User) -> None:
    """Say anew who somebody is. `version` is that of `member_version` when the form was opened.

    Raises MemberChanged, NotPermitted, and DomainError with the field.
    """
    Member.objects.select_for_update(of=("self",)).get(pk=pk)
    if member_version(pk=pk) != version:
        raise MemberChanged(_("Somebody changed this member after you opened the form. Open it again."))
    _write(values, by=by, ids=[pk])


@transaction.atomic
def remove_member(*, pk: int, by: User) -> None:
    """Delete somebody who was made by mistake. InUse says what stands in the way; NotPermitted."""
    if not by.may(Permission.CONFIGURE_TEAMS):
        raise NotPermitted(_("You may not change this."))
    remove(Member.objects.get(pk=pk), by=by)


def member_version(*, pk: int) -> int:
    """Grows with every change of a member."""
    return version_of(Member, pgh_obj_id=pk)


def _write(values: Mapping[str, Any], *, by: User, **how: Any) -> None:
    try:
        write_rows(MEMBERS, [values], by=by, **how)
    except RowsRejected as error:
        raise DomainError(error.problems[0].reason, field=error.problems[0].column or None) from error
