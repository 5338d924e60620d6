"""The list of users: who may sign in, and as what."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.cells import Column
from core.lists import ListSpec
from core.marks import tag_html
from core.names import full_name_of, in_order
from users.models import User
from users.permissions import Access

_NAME = in_order(full_name_of())


class UserFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    search = django_filters.CharFilter(label=_("Search people"), method="named")
    access = django_filters.ChoiceFilter(label=_("Access"), choices=Access.choices, empty_label=_("Any"))
    is_active = django_filters.BooleanFilter(label=_("Active"))

    class Meta:
        model = User
        fields: list[str] = []

    def named(self, users: Any, name: str, text: str) -> Any:
        for word in text.split()[:10]:
            users = users.filter(
                Q(email__icontains=word) | Q(given_name__icontains=word) | Q(family_name__icontains=word)
            )
        return users


def _state(user: Any) -> str:
    if not user.is_active:
        return gettext("closed")
    return gettext("active") if user.has_usable_password() else gettext("invited, no password yet")


USERS = ListSpec(
    name="people",
    sort="name",
    filterset=UserFilter,
    caption=_("People and access"),
    empty_title=_("Nobody yet"),
    empty_text=_("Users stand here with what they may do."),
    columns=(
        Column(
            name="name",
            label=_("Name"),
            value=lambda user: user.get_full_name() or user.email,
            sort=_NAME,
            href=lambda user: reverse("users:detail", args=[user.pk]),
            heads_row=True,
        ),
        Column(name="email", label=_("E-mail address"), value="email", sort="email"),
        Column(name="access", label=_("Access"), value=lambda user: user.get_access_display(), sort="access"),
        Column(
            name="extra",
            label=_("Extra permissions"),
            value=lambda user: len(user.extra_permissions) or None,
            kind="number",
        ),
        Column(
            name="state",
            label=_("State"),
            value=_state,
            html=lambda user: tag_html(
                _state(user), tone="covered" if user.is_active and user.has_usable_password() else ""
            ),
        ),
        Column(name="last_login", label=_("Last sign-in"), value="last_login", kind="instant", sort=F("last_login")),
    ),
)
