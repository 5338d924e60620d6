"""The list of leads: its columns, with what is overdue marked."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core import formats
from core.cells import Column, stored
from core.lists import ListSpec
from core.names import in_order
from money.amounts import trimmed
from pipeline.lead_filters import LeadFilter
from pipeline.lead_queries import Limit
from pipeline.models import LeadStatus


def _address(lead: Any) -> str:
    return reverse("leads:detail", args=[lead.pk])


def _account(lead: Any) -> str | None:
    return reverse("accounts:detail", args=[lead.account_code]) if lead.account_code else None


def _amount(lead: Any) -> Any:
    return formats.UNKNOWN if lead.amount is None else trimmed(lead.amount, lead.currency.exponent)


def _status(lead: Any) -> str:
    return str(LeadStatus(lead.status).label)


def _score(lead: Any) -> Any:
    return formats.UNKNOWN if lead.score is None else lead.score


def lead_list(within: Limit) -> ListSpec:
    """`within` says which leads are overdue."""

    def status(lead: Any) -> SafeString:
        late = within.is_overdue(lead)
        mark = format_html(' <span class="tag tag-gap">{}</span>', _("overdue")) if late else ""
        return format_html("<bdi>{}</bdi>{}", _status(lead), mark)

    def due(lead: Any) -> Any:
        return within.due_on(lead)

    columns = {column.name: column for column in _LEADS.columns}
    columns["status"] = dataclasses.replace(columns["status"], html=status)
    columns["due_on"] = dataclasses.replace(columns["due_on"], value=due)
    return dataclasses.replace(_LEADS, columns=tuple(columns.values()))


_LEADS = ListSpec(
    name="leads",
    sort="-began_on",
    filterset=LeadFilter,
    caption=pgettext_lazy("sales", "Leads"),
    empty_title=gettext_lazy("No leads yet"),
    empty_text=gettext_lazy(
        "Leads that you own, of accounts that you work on, and of the countries that you lead stand here."
    ),
    columns=(
        Column(name="name", label=pgettext_lazy("sales", "Lead"), value="name", sort="name", href=_address, heads_row=True),
        Column(name="company", label=gettext_lazy("Company"), value="company", sort="company"),
        Column(name="status", label=gettext_lazy("Status"), value=_status, kind="tag", sort="status"),
        Column(name="score", label=gettext_lazy("Score"), value=_score, kind="percent", sort=F("score")),
        Column(
            name="known_weight",
            label=gettext_lazy("Known weight"),
            value="known_weight",
            kind="percent",
            sort=F("known_weight"),
        ),
        Column(name="due_on", label=gettext_lazy("Accept by"), value="since_on", kind="date"),
        Column(name="since_on", label=gettext_lazy("Since"), value="since_on", kind="date", sort=F("since_on")),
        Column(name="source", label=gettext_lazy("Source"), value="source", sort="source"),
        Column(name="campaign", label=gettext_lazy("Campaign"), value="campaign.name", sort="campaign__name"),
        Column(name="owner", label=gettext_lazy("Owner"), value="owner_name", sort=in_order("owner_name")),
        Column(
            name="amount",
            label=gettext_lazy("Expected amount"),
            value=_amount,
            kind="money",
            currency="currency_id",
            shown=False,
        ),
        Column(name="country", label=gettext_lazy("Country"), value=stored("country"), kind="country", sort="country"),
        Column(
            name="account", label=gettext_lazy("Account"), value="account_name", href=_account, sort=F("account_name"),
            shown=False,
        ),
        Column(name="began_on", label=gettext_lazy("Created"), value="began_on", kind="date", sort=F("began_on")),
        Column(
            name="external_id",
            label=gettext_lazy("External id"),
            value="external_id",
            kind="code",
            sort="external_id",
            shown=False,
        ),
    ),
)  # fmt: skip
