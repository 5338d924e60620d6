"""The filters of the accounts list, for its page, its fragment and its export; parameters are named as in the API."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from typing import Any

import django_filters
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from accounts.access import scope_of, tree_for
from accounts.models import Account, AccountType, BuyingRole, Contact, Tier
from accounts.querysets import AccountQuerySet, ContactQuerySet
from core import formats
from regions.queries import region_names
from teams.models import Level
from users.models import User


def country_choices() -> list[tuple[str, str]]:
    """Every country by its name in the language in force."""
    return list(_countries_in(get_language() or ""))


@cache
def _countries_in(language: str) -> tuple[tuple[str, str], ...]:
    """Of a language: they are the same for everybody, as long as the process lives."""
    named = ((str(code), formats.country(str(code))) for code, _name in countries)
    return tuple(sorted(named, key=lambda pair: pair[1]))


def regions_for(viewer: User) -> dict[str, tuple[int, str]]:
    """Id and name of every region by code, read once per user object (one request)."""
    kept: dict[str, tuple[int, str]] | None = getattr(viewer, "_regions", None)
    if kept is None:
        kept = {code: (pk, name) for pk, (code, name) in region_names().items()}
        viewer._regions = kept  # type: ignore[attr-defined]  # noqa: SLF001  a cache on this request's user object
    return kept


def countries_in_region(*, viewer: User, code: str) -> set[str]:
    """The countries under a region today, its lower regions included; none when no region has this code."""
    found = regions_for(viewer).get(code)
    return tree_for(viewer).on(scope_of(viewer).on).countries_under([found[0]]) if found else set()


class PlaceFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """Narrows rows to a region with all below it, as the tree stands on the business date, or to a country.

    `lying_in` says what lying there means. Who asks (`request.user`) decides which facts count.
    """

    region = django_filters.ChoiceFilter(label=_("Region"), method="in_region", empty_label=_("Any"))
    country = django_filters.ChoiceFilter(
        label=_("Country"), choices=country_choices, method="in_country", empty_label=_("Any")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = ((code, name) for code, (_pk, name) in regions_for(self.request.user).items())
        self.filters["region"].extra["choices"] = sorted(named, key=lambda pair: pair[1])

    def lying_in(self, rows: Any, places: Collection[str]) -> Any:
        raise NotImplementedError

    def in_region(self, rows: Any, name: str, code: str) -> Any:
        return self.lying_in(rows, countries_in_region(viewer=self.request.user, code=code))

    def in_country(self, rows: Any, name: str, code: str) -> Any:
        return self.lying_in(rows, [code])


def _named(model: type[Tier] | type[AccountType]) -> Callable[[], list[tuple[str, str]]]:
    return lambda: list(model._default_manager.order_by("position", "code").values_list("code", "name"))


class AccountFilter(PlaceFilter):
    """Narrows the accounts that a viewer sees."""

    search = django_filters.CharFilter(label=_("Search accounts"), method="named")
    tier = django_filters.ChoiceFilter(label=_("Tier"), choices=_named(Tier), empty_label=_("Any"))
    account_type = django_filters.ChoiceFilter(
        label=_("Account type"), choices=_named(AccountType), empty_label=_("Any")
    )

    class Meta:
        model = Account
        fields: list[str] = []

    def lying_in(self, rows: AccountQuerySet, places: Collection[str]) -> AccountQuerySet:
        return rows.lying_in(places, viewer=self.request.user)

    def named(self, accounts: AccountQuerySet, name: str, text: str) -> AccountQuerySet:
        return accounts.named(text)


class ContactFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """Narrows the people of one account, annotated with `full_name`."""

    search = django_filters.CharFilter(label=_("Search people"), method="named")
    level = django_filters.ChoiceFilter(label=_("Level"), choices=Level.choices, empty_label=_("Any"))
    buying_role = django_filters.ChoiceFilter(label=_("Buying role"), choices=BuyingRole.choices, empty_label=_("Any"))

    class Meta:
        model = Contact
        fields: list[str] = []

    def named(self, contacts: ContactQuerySet, name: str, text: str) -> ContactQuerySet:
        for word in text.split()[:10]:
            contacts = contacts.filter(Q(full_name__icontains=word) | Q(title__icontains=word))
        return contacts
