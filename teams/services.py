from __future__ import annotations

from core.errors import DomainError
from core.staging_rows import RowsRejected, write_rows
from teams.loading import MEMBERS
from teams.models import Member
from users.models import User


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
