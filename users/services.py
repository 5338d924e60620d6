from __future__ import annotations

from django.db import transaction
from rest_framework.authtoken.models import Token

from users.models import User


@transaction.atomic
def renew_token(*, by: User) -> str:
    """A new API token for `by`; the one she had is worth nothing from now on. The only time that it can be read."""
    Token.objects.filter(user=by).delete()
    return str(Token.objects.create(user=by).key)


def revoke_token(*, by: User) -> None:
    """Take the API token of `by` away, if she has one."""
    Token.objects.filter(user=by).delete()
