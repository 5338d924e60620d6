from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager
from django.db import models

from users.permissions import Access, Permission

if TYPE_CHECKING:
    from users.models import User


class UserQuerySet(models.QuerySet["User"]):
    def permitted_to(self, viewer: User) -> UserQuerySet:
        """Users whom `viewer` may administer: all of them with the permission, else herself."""
        return self if viewer.may(Permission.MANAGE_USERS) else self.filter(pk=viewer.pk)


class UserManager(BaseUserManager["User"]):
    """Creates users. An e-mail address is stored in lower case: it is the login."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def permitted_to(self, viewer: User) -> UserQuerySet:
        return self.get_queryset().permitted_to(viewer)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user: User = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """An administrator who sees everything."""
        return self.create_user(
            email, password, access=Access.ADMINISTRATOR, is_superuser=True, is_staff=True, **fields
        )
