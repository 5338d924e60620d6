from __future__ import annotations

from zoneinfo import available_timezones

import pghistory
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.authtoken.models import Token

from core.errors import DomainError, NotPermitted
from users.models import User
from users.permissions import GRANTED, Access, Permission


@transaction.atomic
def renew_token(*, by: User) -> str:
    """A new API token for `by`; the one she had is worth nothing from now on. The only time that it can be read."""
    Token.objects.filter(user=by).delete()
    return str(Token.objects.create(user=by).key)


def revoke_token(*, by: User) -> None:
    """Take the API token of `by` away, if she has one."""
    Token.objects.filter(user=by).delete()


def grantable_access(*, by: User) -> list[Access]:
    """The kinds of access that `by` may give or take: nobody hands out a right that she doesn't hold herself."""
    return [access for access in Access if by.may(Permission.MANAGE_USERS) and all(map(by.may, GRANTED[access]))]


@transaction.atomic
def change_access(*, pk: int, access: str, extra_permissions: list[str], is_active: bool, by: User) -> None:
    """Set what a user may do and whether she may sign in. Raises NotPermitted and DomainError with a field."""
    if not by.may(Permission.MANAGE_USERS):
        raise NotPermitted(_("You may not change what people may do."))
    user: User = User.objects.get_queryset().select_for_update().get(pk=pk)
    if user == by:
        raise DomainError(_("Somebody else has to change your own access."))
    if user.is_superuser and not by.is_superuser:
        raise NotPermitted(_("Only a superuser may change a superuser."))
    touched = {Access(access), Access(user.access)} if access != user.access or is_active != user.is_active else set()
    if not touched <= set(grantable_access(by=by)):
        text = _("Giving or taking this access needs all of its permissions yourself.")
        raise DomainError(text, field="access")
    changed = set(extra_permissions) ^ set(user.extra_permissions)
    if missing := [Permission(code) for code in changed if not by.may(Permission(code))]:
        text = _("You don’t hold “%(permission)s” yourself.") % {"permission": missing[0].label}
        raise DomainError(text, field="extra_permissions")
    user.access, user.extra_permissions, user.is_active = access, sorted(extra_permissions), is_active
    user.is_staff = user.is_superuser or access == Access.ADMINISTRATOR
    with pghistory.context(user=by.pk):
        user.save(update_fields=["access", "extra_permissions", "is_active", "is_staff"])
        if not is_active:
            Token.objects.filter(user=user).delete()


@transaction.atomic
def change_own_settings(*, language: str, time_zone: str, by: User) -> None:
    """The language that `by` is written to in, and the time zone of her clock; empty for none of her own. Raises DomainError."""
    if language and language not in dict(settings.LANGUAGES):
        raise DomainError(_("There is no such language."), field="language")
    if time_zone and time_zone not in available_timezones():
        raise DomainError(_("There is no such time zone."), field="time_zone")
    if (language, time_zone) == (by.language, by.time_zone):
        return
    by.language, by.time_zone = language, time_zone
    with pghistory.context(user=by.pk):
        by.save(update_fields=["language", "time_zone"])


def invitation_path(*, pk: int, by: User) -> str:
    """Where a user sets a password for herself; it works once. To be handed over by whoever asks for it."""
    if not by.may(Permission.MANAGE_USERS):
        raise NotPermitted(_("You may not invite people."))
    user: User = User.objects.get_queryset().get(pk=pk, is_active=True)
    # Whoever may not give a user's access may not become her by way of a new password.
    if (user.is_superuser and not by.is_superuser) or Access(user.access) not in grantable_access(by=by):
        raise NotPermitted(_("A link for this user needs all of her permissions yourself."))
    key = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
