"""The filters of the opportunity list, for its page, its fragment and its export; parameters are named as in the API."""

from __future__ import annotations

from collections.abc import Collection

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import scope_of
from accounts.filters import PlaceFilter
from core.months import month_of
from pipeline.models import Opportunity, Outcome, Stage
from pipeline.queries import lying_in
from pipeline.querysets import OpportunityQuerySet

OVERDUE = "overdue"
#: Closed within the month of the business date, by the deal's own date: when it was last edited plays no part.
THIS_MONTH = {"won_this_month": Outcome.WON, "lost_this_month": Outcome.LOST}


def _stages() -> list[tuple[str, str]]:
    return list(Stage.objects.order_by("position", "code").values_list("code", "name"))


def _day_field() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class OpportunityFilter(PlaceFilter):
    """Narrows the deals that a viewer sees, annotated with `owner_name`."""

    search = django_filters.CharFilter(label=_("Search opportunities"), method="named")
    outcome = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[
            *Outcome.choices,
            (OVERDUE, _("Open and overdue")),
            ("won_this_month", _("Won this month")),
            ("lost_this_month", _("Lost this month")),
        ],
        method="in_state",
        empty_label=_("Any"),
    )
    stage = django_filters.ChoiceFilter(label=_("Stage"), choices=_stages, empty_label=_("Any"))
    account = django_filters.CharFilter(label=_("Account"), method="of_account", help_text=_("Its code or name."))
    org_unit = django_filters.CharFilter(method="of_unit", label=_("Org unit"), help_text=_("ACCOUNT/UNIT, by code."))
    owner = django_filters.CharFilter(label=_("Owner"), method="owned_by", help_text=_("Name or e-mail address."))
    close_from = django_filters.DateFilter(
        label=_("Closes from"), field_name="close_date", lookup_expr="gte", widget=_day_field()
    )
    close_to = django_filters.DateFilter(
        label=_("Closes until"), field_name="close_date", lookup_expr="lte", widget=_day_field()
    )

    class Meta:
        model = Opportunity
        fields: list[str] = []

    def lying_in(self, rows: OpportunityQuerySet, places: Collection[str]) -> OpportunityQuerySet:
        return lying_in(rows, places, viewer=self.request.user)

    def named(self, deals: OpportunityQuerySet, name: str, text: str) -> OpportunityQuerySet:
        words = Q()
        for word in text.split()[:10]:
            words &= Q(name__icontains=word) | Q(account__name__icontains=word)
        return deals.filter(words | Q(external_id__iexact=text.strip()))

    def in_state(self, deals: OpportunityQuerySet, name: str, state: str) -> OpportunityQuerySet:
        if state == OVERDUE:
            return deals.open().filter(close_date__lt=scope_of(self.request.user).on)
        if state in THIS_MONTH:
            month = month_of(scope_of(self.request.user).on)
            return deals.filter(stage__outcome=THIS_MONTH[state], month=month)
        return deals.filter(stage__outcome=state)

    def of_account(self, deals: OpportunityQuerySet, name: str, text: str) -> OpportunityQuerySet:
        """The account with this code; without one, accounts whose name holds the text."""
        coded = deals.filter(account__code=text)
        return coded if coded.exists() else deals.filter(account__name__icontains=text)

    def of_unit(self, deals: OpportunityQuerySet, name: str, text: str) -> OpportunityQuerySet:
        account, _sign, unit = text.partition("/")
        return deals.filter(account__code=account, org_unit__code=unit)

    def owned_by(self, deals: OpportunityQuerySet, name: str, text: str) -> OpportunityQuerySet:
        return deals.filter(Q(owner__email__iexact=text) | Q(owner_name__icontains=text))
