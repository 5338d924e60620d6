from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account, OrgUnit
from core.errors import NotPermitted
from coverage.acceptance import write_posts
from teams.models import Member, TeamRole
from teams.queries import members
from users.models import User
from users.permissions import Permission


@dataclass(frozen=True)
class Chosen:
    """A member for a slot, by rows."""

    account: Account
    org_unit: OrgUnit
    role: TeamRole
    member: Member


@transaction.atomic
def fill_slot(*, by: User, account: Account, unit_code: str, role: str, member_email: str, valid_from: dt.date) -> None:
    """Put a member on a slot from a day on. `account` is one that `by` sees.

    Raises NotPermitted, DomainError when it would not hold, and DoesNotExist of the unit, role or member.
    """
    if not by.may(Permission.EDIT_ACCOUNTS):
        raise NotPermitted(_("You may not change this."))
    chosen = Chosen(
        account,
        OrgUnit.objects.get(account=account, code=unit_code.replace("\0", "")),
        TeamRole.objects.get(pk=role.replace("\0", "")),
        members(viewer=by).get(email=member_email.replace("\0", "")),
    )
    with pghistory.context(user=by.pk, reason=_("suggestion")):
        write_posts(by=by, posts=[chosen], valid_from=valid_from)
