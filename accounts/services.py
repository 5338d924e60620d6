from __future__ import annotations

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account, AccountGrant
from core.errors import DomainError, NotPermitted
from users.models import User
from users.permissions import Permission


@transaction.atomic
def grant_account(*, code: str, user: User, by: User) -> None:
    """Let a user see an account whole. DomainError when `by` sees no such account."""
    account = _account(code, by)
    with pghistory.context(user=by.pk):
        AccountGrant.objects.get_or_create(account=account, user=user)


@transaction.atomic
def revoke_account(*, code: str, user: User, by: User) -> None:
    """Take a grant back; without one nothing happens."""
    account = _account(code, by)
    with pghistory.context(user=by.pk):
        AccountGrant.objects.filter(account=account, user=user).delete()


def _account(code: str, by: User) -> Account:
    if not by.may(Permission.MANAGE_USERS):
        raise NotPermitted(_("You may not grant accounts."))
    found: Account | None = Account.objects.visible_to(by).filter(code=code).first()
    if found is None:
        raise DomainError(_("There is no such account."), field="account")
    return found
