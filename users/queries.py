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


def login_of(*, email: str) -> User | None:
    """The active login with that e-mail address, for the console's operator; None when there is none."""
    return User.objects.get_queryset().filter(email=email.strip().lower(), is_active=True).first()
