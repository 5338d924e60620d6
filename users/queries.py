from __future__ import annotations

import datetime as dt

from rest_framework.authtoken.models import Token

from users.models import User
from users.querysets import UserQuerySet


def token_made_at(*, viewer: User) -> dt.datetime | None:
    """When the viewer's API token was made; None without one. The token itself is shown only when it is made."""
    return Token.objects.filter(user=viewer).values_list("created", flat=True).first()


def users(*, viewer: User) -> UserQuerySet:
    """The users whom `viewer` may administer."""
    return User.objects.permitted_to(viewer)
