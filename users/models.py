from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from core import history
from core.names import full_name
from users.permissions import GRANTED, Access, Permission
from users.querysets import UserManager


@history.track(exclude=["password", "last_login"])
class User(AbstractBaseUser, PermissionsMixin):
    """A login. Never called an account: an account is a customer."""

    email = models.EmailField(_("e-mail address"), unique=True)
    given_name = models.CharField(_("given name"), max_length=150, blank=True)
    family_name = models.CharField(_("family name"), max_length=150, blank=True)
    access = models.CharField(_("access"), max_length=20, choices=Access.choices, default=Access.VIEWER)
    extra_permissions = ArrayField(
        models.CharField(max_length=40, choices=Permission.choices),
        verbose_name=_("extra permissions"),
        default=list,
        blank=True,
    )
    language = models.CharField(_("language"), max_length=16, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    preferences = models.JSONField(_("preferences"), default=dict, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the admin pages"), default=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="users_user_email_any_case")]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def get_full_name(self) -> str:
        return full_name(self.given_name, self.family_name)

    def get_short_name(self) -> str:
        return self.given_name or self.email

    def may(self, permission: Permission) -> bool:
        """Whether the user holds `permission`: a superuser all, else by access or by an extra grant."""
        if not self.is_active:
            return False
        if self.is_superuser:
            return True
        return permission in GRANTED[Access(self.access)] or permission in self.extra_permissions
