"""The filters of the leads list, for its page, its fragment and its export; the funnel's numbers link to them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import scope_of, tree_for
from accounts.filters import PlaceFilter, country_choices
from pipeline.lead_queries import campaigns, limit
from pipeline.lead_querysets import AGES, STEPS, LeadQuerySet
from pipeline.models import Lead, LeadStatus
from regions.models import UNALLOCATED

STEP_WORDS = {
    "lead": pgettext_lazy("sales", "Lead"),
    "marketing_qualified": _("Marketing-qualified (MQL)"),
    "sales_qualified": _("Sales-qualified (SQL)"),
    "opportunity": _("Opportunity"),
    "won": _("Won"),
}
AGE_WORDS = {
    "week": _("up to 7 days"),
    "month": _("8 to 30 days"),
    "quarter": _("31 to 90 days"),
    "older": _("more than 90 days"),
}
NONE = "none"
"""What a source or campaign is filtered by where there is none."""


def _day_field() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _countries() -> list[tuple[str, str]]:
    return [*country_choices(), (NONE, str(_("No country")))]


def _campaigns() -> list[tuple[str, str]]:
    return [*((one.code, one.name) for one in campaigns()), (NONE, str(_("No campaign")))]


class LeadFilter(PlaceFilter):
    """Narrows the leads that a viewer sees, with their age and steps."""

    search = django_filters.CharFilter(label=_("Search leads"), method="named")
    country = django_filters.ChoiceFilter(
        label=_("Country"), choices=_countries, method="in_country", empty_label=_("Any")
    )
    status = django_filters.ChoiceFilter(label=_("Status"), choices=LeadStatus.choices, empty_label=_("Any"))
    overdue = django_filters.ChoiceFilter(
        label=_("Acceptance"), choices=[("yes", _("Overdue"))], method="late", empty_label=_("Any")
    )
    reached = django_filters.ChoiceFilter(
        label=_("Reached"), choices=[(s, STEP_WORDS[s]) for s in STEPS], method="at_step", empty_label=_("Any")
    )
    waits = django_filters.ChoiceFilter(
        label=_("Waits"), choices=[(a, AGE_WORDS[a]) for a in AGES], method="of_age", empty_label=_("Any")
    )
    source = django_filters.CharFilter(label=_("Source"), method="of_source")
    campaign = django_filters.ChoiceFilter(
        label=_("Campaign"), choices=_campaigns, method="of_campaign", empty_label=_("Any")
    )
    account = django_filters.CharFilter(label=_("Account"), method="of_account", help_text=_("Its code or name."))
    owner = django_filters.CharFilter(label=_("Owner"), method="owned_by", help_text=_("Name or e-mail address."))
    created_from = django_filters.DateFilter(
        label=_("Created from"), field_name="began_on", lookup_expr="gte", widget=_day_field()
    )
    created_to = django_filters.DateFilter(
        label=_("Created until"), field_name="began_on", lookup_expr="lte", widget=_day_field()
    )

    class Meta:
        model = Lead
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["region"].extra["choices"].append((UNALLOCATED, _("Unallocated")))

    def lying_in(self, rows: LeadQuerySet, places: Collection[str]) -> LeadQuerySet:
        return rows.filter(country__in=places)

    def in_country(self, rows: LeadQuerySet, name: str, code: str) -> LeadQuerySet:
        return rows.filter(country="" if code == NONE else code)

    def in_region(self, rows: LeadQuerySet, name: str, code: str) -> LeadQuerySet:
        if code != UNALLOCATED:
            found: LeadQuerySet = super().in_region(rows, name, code)
            return found
        viewer = self.request.user
        return rows.exclude(country__in=list(tree_for(viewer).on(scope_of(viewer).on).regions_of_countries))

    def named(self, rows: LeadQuerySet, name: str, text: str) -> LeadQuerySet:
        words = Q()
        for word in text.split()[:10]:
            words &= Q(name__icontains=word) | Q(company__icontains=word)
        return rows.filter(words | Q(external_id__iexact=text.strip()))

    def late(self, rows: LeadQuerySet, name: str, value: str) -> LeadQuerySet:
        return limit(on=scope_of(self.request.user).on).overdue(rows)

    def at_step(self, rows: LeadQuerySet, name: str, step: str) -> LeadQuerySet:
        return rows.reached(step)

    def of_age(self, rows: LeadQuerySet, name: str, age: str) -> LeadQuerySet:
        return rows.waiting(age, on=scope_of(self.request.user).on)

    def of_source(self, rows: LeadQuerySet, name: str, text: str) -> LeadQuerySet:
        return rows.filter(source="" if text == NONE else text)

    def of_campaign(self, rows: LeadQuerySet, name: str, code: str) -> LeadQuerySet:
        return rows.filter(campaign__isnull=True) if code == NONE else rows.filter(campaign=code)

    def of_account(self, rows: LeadQuerySet, name: str, text: str) -> LeadQuerySet:
        coded = rows.filter(Q(account_code=text))
        return coded if coded.exists() else rows.filter(Q(account_name__icontains=text))

    def owned_by(self, rows: LeadQuerySet, name: str, text: str) -> LeadQuerySet:
        return rows.filter(Q(owner__email__iexact=text) | Q(owner_name__icontains=text))
