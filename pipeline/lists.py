"""The opportunity list: its columns, and what it says of all rows that match."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import formats, marks
from core.cells import Column, stored
from core.lists import ListSpec
from core.names import in_order
from money.amounts import trimmed
from pipeline.filters import OpportunityFilter
from pipeline.queries import size, totals


def _address(deal: Any) -> str:
    return reverse("pipeline:detail", args=[deal.pk])


def _account(deal: Any) -> str:
    return reverse("accounts:detail", args=[deal.account.code])


def _amount(deal: Any) -> Any:
    return formats.UNKNOWN if deal.amount_seen is None else trimmed(deal.amount_seen, deal.currency.exponent)


def _probability(deal: Any) -> Any:
    percentage = deal.stage.probability if deal.probability is None else deal.probability
    return percentage / 100


def _summary(deals: QuerySet[Any]) -> SafeString:
    """What matches, added up by currency."""
    found = totals(deals)
    if not found:
        return SafeString("")
    sums = format_html_join(
        "",
        "<span>{} <small>{}</small></span>",
        (
            (
                marks.amount_html(one.amount, one.currency, decimals=one.exponent)
                if one.amount is not None
                else marks.unknown_html(),
                ngettext("%(n)d deal", "%(n)d deals", one.deals) % {"n": one.deals}
                + (" · " + _("%(n)d without an amount") % {"n": one.without} if one.without else ""),
            )
            for one in found
        ),
    )
    return format_html("<b>{}</b>{}", _("All that match, by currency"), sums)


def opportunity_list(*, on: dt.date) -> ListSpec:
    """`on` is the business date: open deals that should have closed before it are marked."""

    def closes(deal: Any) -> SafeString:
        shown = marks.day_html(deal.close_date)
        if deal.stage.outcome != "open" or deal.close_date >= on:
            return shown
        return format_html('{} <span class="tag tag-gap">{}</span>', shown, _("overdue"))

    close = Column(
        name="close_date", label=gettext_lazy("Closes"), value="close_date", kind="date", sort="close_date", html=closes
    )
    columns = tuple(close if column.name == "close_date" else column for column in _OPPORTUNITIES.columns)
    return dataclasses.replace(_OPPORTUNITIES, columns=columns)


_OPPORTUNITIES = ListSpec(
    name="opportunities",
    sort="-close_date",
    filterset=OpportunityFilter,
    caption=gettext_lazy("Opportunities"),
    empty_title=gettext_lazy("No opportunities yet"),
    empty_text=gettext_lazy("Deals of the accounts that you see stand here, with stage, amount and close date."),
    summary=_summary,
    # What matters comes first: on a phone the rest lies to the side.
    columns=(
        Column(
            name="name", label=gettext_lazy("Opportunity"), value="name", sort="name", href=_address, heads_row=True
        ),
        Column(
            name="amount",
            label=gettext_lazy("Amount"),
            value=_amount,
            kind="money",
            currency="currency_id",
            sort=size(),
        ),
        Column(name="close_date", label=gettext_lazy("Closes"), value="close_date", kind="date", sort="close_date"),
        Column(
            name="account", label=gettext_lazy("Account"), value="account.name", sort="account__name", href=_account
        ),
        Column(name="stage", label=gettext_lazy("Stage"), value="stage.name", sort="stage__position"),
        Column(name="probability", label=gettext_lazy("Probability"), value=_probability, kind="percent", shown=False),
        Column(name="owner", label=gettext_lazy("Owner"), value="owner_name", sort=in_order("owner_name")),
        Column(name="country", label=gettext_lazy("Country"), value=stored("country"), kind="country", sort="country"),
        Column(name="product", label=gettext_lazy("Product"), value="product.name", sort="product__name", shown=False),
        Column(
            name="created_on",
            label=gettext_lazy("Created"),
            value="created_on",
            kind="date",
            sort="created_on",
            shown=False,
        ),
        Column(
            name="external_id",
            label=gettext_lazy("External id"),
            value="external_id",
            kind="code",
            sort="external_id",
            shown=False,
        ),
    ),
)
