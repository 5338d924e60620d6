from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.filters import country_choices
from accounts.queries import accounts
from money.models import Currency
from pipeline.forms import NOTHING
from pipeline.lead_models import LONGEST_LIMIT, RejectionReason
from pipeline.lead_queries import campaigns
from pipeline.lead_rows import Row
from teams.queries import members
from users.models import User

_MAY = (("", _("not known")), ("true", _("yes")), ("false", _("no")))


def _searchable() -> forms.Select:
    return forms.Select(attrs={"data-search": ""})


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _currencies() -> list[tuple[str, str]]:
    codes = Currency.objects.filter(is_historic=False).order_by("code").values_list("code", "name")
    return [NOTHING, *((code, f"{code} · {name}") for code, name in codes)]


def _amount(label: Any) -> forms.DecimalField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return forms.DecimalField(
        label=label, required=False, min_value=Decimal(0), max_digits=20, decimal_places=4, widget=widget
    )


class LeadForm(forms.Form):
    """A lead's own columns, named as in its import file; the status changes by deeds of its own."""

    name = forms.CharField(label=_("Name"), max_length=300, help_text=_("The person, or what it is about."))
    company = forms.CharField(label=_("Company"), max_length=300, required=False)
    country = forms.ChoiceField(label=_("Country"), required=False, widget=_searchable())
    account_code = forms.ChoiceField(
        label=_("Account"), required=False, widget=_searchable(), help_text=_("If the company is a customer already.")
    )
    owner_email = forms.ChoiceField(
        label=_("Owner"), required=False, widget=_searchable(), help_text=_("Who receives the lead.")
    )
    source = forms.CharField(label=_("Source"), max_length=80, required=False)
    campaign = forms.ChoiceField(label=_("Campaign"), required=False, widget=_searchable())
    amount = _amount(_("Expected amount"))
    currency = forms.ChoiceField(label=_("Currency"), required=False, widget=_searchable())
    email = forms.EmailField(label=_("E-mail address"), required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=60, required=False)
    may_contact = forms.ChoiceField(label=_("May be contacted"), required=False, choices=_MAY)
    created_on = forms.DateField(label=_("Created on"), required=False, widget=_day())
    last_activity_on = forms.DateField(
        label=_("Last activity on"), required=False, widget=_day(), help_text=_("Of the lead, not of us.")
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, viewer: User, initial: Row, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "initial": initial})
        seen = list(accounts(viewer=viewer).order_by("name", "id").values_list("code", "name"))
        if initial.get("account_code") and initial["account_code"] not in dict(seen):
            del self.fields["account_code"]  # she does not see whose lead it is, and leaves it so
        colleagues = members(viewer=viewer).order_by(F("full_name"), "id").values_list("email", F("full_name"))
        offers = {
            "account_code": [NOTHING, *seen],
            "country": [NOTHING, *country_choices()],
            "owner_email": [NOTHING, *colleagues],
            "campaign": [NOTHING, *((one.code, one.name) for one in campaigns())],
            "currency": _currencies(),
        }
        for name, choices in offers.items():
            if name in self.fields:
                current = initial.get(name)
                kept = [(current, current)] if current and current not in dict(choices) else []
                self.fields[name].choices = [*choices, *kept]  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def row(self) -> Row:
        """What was chosen, as a row of the import file."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class CampaignForm(forms.Form):
    """A campaign; its code lasts."""

    code = forms.SlugField(
        label=_("Code"), max_length=40, help_text=_("Short and lasting, as in files: it can’t be changed.")
    )
    name = forms.CharField(label=_("Name"), max_length=200)
    starts_on = forms.DateField(label=_("Begins on"), required=False, widget=_day())
    ends_on = forms.DateField(label=_("Ends on"), required=False, widget=_day())
    cost = _amount(_("Cost"))
    currency = forms.ChoiceField(label=_("Currency"), required=False, widget=_searchable())

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].choices = _currencies()  # type: ignore[attr-defined]  # a ChoiceField
        if not is_new:
            del self.fields["code"]


class LimitForm(forms.Form):
    """How long a lead may wait for its acceptance."""

    accept_days = forms.IntegerField(
        label=_("Working days to accept or reject a lead"), min_value=1, max_value=LONGEST_LIMIT
    )


class RejectForm(forms.Form):
    """Why a lead goes back."""

    reason = forms.ChoiceField(label=_("Reason"))
    note = forms.CharField(label=_("Note"), max_length=500, required=False)

    def __init__(self, *args: Any, reasons: list[RejectionReason], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [(one.pk, one.name) for one in reasons]  # type: ignore[attr-defined]  # a ChoiceField
