"""The filters of the accounts list, for its page, its fragment and its export; parameters are named as in the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from accounts.access import scope_of, tree_for
from accounts.models import Account, AccountType, BuyingRole, Contact, Tier
from accounts.querysets import AccountQuerySet, ContactQuerySet
from core import formats
from regions.queries import region_choices, region_names
from teams.models import Level
from users.models import User


def country_choices() -> list[tuple[str, str]]:
    """Every country by its name in the language in force."""
    named = ((str(code), formats.country(str(code))) for code, _name in countries)
    return sorted(named, key=lambda pair: pair[1])


def countries_in_region(*, viewer: User, code: str) -> set[str]:
    """The countries under a region today, its lower regions included; none when no region has this code."""
    found = [pk for pk, (its_code, _name) in region_names().items() if its_code == code]
    return tree_for(viewer).on(scope_of(viewer).on).countries_under(found)


class AccountFilter(django_filters.FilterSet):
    """Narrows accounts that a viewer sees: `request.user` decides which facts count for a place."""

    search = django_filters.CharFilter(label=_("Search accounts"), method="named")
    region = django_filters.ChoiceFilter(label=_("Region"), choices=region_choices, method="in_region")
    country = django_filters.ChoiceFilter(label=_("Country"), choices=country_choices, method="in_country")
    tier = django_filters.ModelChoiceFilter(label=_("Tier"), queryset=Tier.objects.order_by("position", "code"))
    account_type = django_filters.ModelChoiceFilter(
        label=_("Account type"), queryset=AccountType.objects.order_by("position", "code")
    )

    class Meta:
        model = Account
        fields: list[str] = []

    def named(self, accounts: AccountQuerySet, name: str, text: str) -> AccountQuerySet:
        return accounts.named(text)

    def in_region(self, accounts: AccountQuerySet, name: str, code: str) -> AccountQuerySet:
        """Somewhere in the region or in a region below it, as the tree stands on the business date."""
        viewer: Any = self.request.user
        return accounts.lying_in(countries_in_region(viewer=viewer, code=code), viewer=viewer)

    def in_country(self, accounts: AccountQuerySet, name: str, code: str) -> AccountQuerySet:
        return accounts.lying_in([code], viewer=self.request.user)


class ContactFilter(django_filters.FilterSet):
    """Narrows the people of one account, annotated with `full_name`."""

    search = django_filters.CharFilter(label=_("Search people"), method="named")
    level = django_filters.ChoiceFilter(label=_("Level"), choices=Level.choices)
    buying_role = django_filters.ChoiceFilter(label=_("Buying role"), choices=BuyingRole.choices)

    class Meta:
        model = Contact
        fields: list[str] = []

    def named(self, contacts: ContactQuerySet, name: str, text: str) -> ContactQuerySet:
        for word in text.split()[:10]:
            contacts = contacts.filter(Q(full_name__icontains=word) | Q(title__icontains=word))
        return contacts
