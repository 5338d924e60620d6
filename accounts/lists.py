"""The accounts list: its columns and what it says when it is empty."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.db.models.functions import Collate
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.figures import figure_columns
from accounts.filters import AccountFilter, ContactFilter
from core import formats
from core.cells import Column, stored
from core.lists import ListSpec
from core.names import in_order


def _address(account: Any) -> str:
    return reverse("accounts:detail", args=[account.code])


_ACCOUNTS = ListSpec(
    name="accounts",
    sort="name",
    filterset=AccountFilter,
    caption=_("Accounts"),
    empty_title=_("No accounts yet"),
    empty_text=_(
        "Your customers stand here: those whose team you are on, those in your regions, and those granted to you."
    ),
    columns=(
        Column(
            name="name",
            label=_("Account"),
            value="name",
            sort=Collate("name", "C"),
            href=_address,
            heads_row=True,
        ),
        Column(name="code", label=_("Code"), value="code", kind="code", sort="code", shown=False),
        Column(name="tier", label=_("Tier"), value="tier", sort="tier__position"),
        Column(name="account_type", label=_("Type"), value="account_type", sort="account_type__position"),
        Column(name="industry", label=_("Industry"), value="industry", sort="industry", shown=False),
        Column(
            name="hq_country", label=_("Head office"), value=stored("hq_country"), kind="country", sort="hq_country"
        ),
        Column(name="manager", label=_("Global account manager"), value="manager_name", sort=in_order("manager_name")),
    ),
)


def accounts_list() -> ListSpec:
    """The list with the figures that rooms above add, right beside the name: on a phone the rest lies to the side."""
    name, *rest = _ACCOUNTS.columns
    return dataclasses.replace(_ACCOUNTS, columns=(name, *figure_columns(), *rest))


def _posts(contact: Any) -> str:
    """Further posts in words: Treasurer, Acme KK · Adviser, Acme AG."""
    return " · ".join(", ".join(filter(None, (post.title, post.org_unit.name))) for post in contact.posts_now)


def _languages(contact: Any) -> str:
    return ", ".join(formats.language_name(code) for code in contact.languages)


_CONTACTS = ListSpec(
    name="contacts",
    sort="name",
    filterset=ContactFilter,
    caption=_("People at the customer"),
    empty_title=_("No people yet"),
    empty_text=_("The customer’s decision makers and users stand here, with their posts, once they are imported."),
    columns=(
        Column(name="name", label=_("Name"), value="full_name", sort=in_order("full_name"), heads_row=True),
        Column(name="title", label=_("Title"), value="title", sort="title"),
        Column(name="unit", label=_("Org unit"), value="org_unit.name", sort="org_unit__name"),
        Column(name="level", label=_("Level"), value=lambda contact: contact.get_level_display(), sort="level"),
        Column(
            name="buying_role",
            label=_("Buying role"),
            value=lambda contact: contact.get_buying_role_display(),
            sort="buying_role",
        ),
        Column(name="stance", label=_("Stance"), value=lambda contact: contact.get_stance_display(), sort="stance"),
        Column(name="posts", label=_("Further posts"), value=_posts),
        Column(name="languages", label=_("Languages"), value=_languages, shown=False),
        Column(name="reports_to", label=_("Reports to"), value="reports_to", shown=False),
        Column(name="email", label=_("E-mail address"), value="email", sort="email", shown=False),
    ),
)


def contacts_list() -> ListSpec:
    return _CONTACTS
