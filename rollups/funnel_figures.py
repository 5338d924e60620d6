"""The leads of a cohort with what they and their deals are worth, read for the funnel in five statements whatever their number."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef

from accounts import access
from pipeline.lead_querysets import WAITING, LeadQuerySet
from pipeline.models import Opportunity, OpportunityLine
from rollups.funnel import FunnelLead, Worth
from rollups.priced import Native, priced_in
from users.models import User

_COLUMNS = (
    "pk", "country", "source", "campaign_id", "status", "rank", "began_on", "marketing_on", "sales_on", "deal_on", "won_on",
    "since_on", "amount", "currency_id", "deal_id",
)  # fmt: skip


class _Row(NamedTuple):
    """A lead as read; the order is that of `_COLUMNS`."""

    pk: int
    country: str
    source: str
    campaign: str | None
    status: str
    rank: int
    began_on: dt.date | None
    marketing_on: dt.date | None
    sales_on: dt.date | None
    deal_on: dt.date | None
    won_on: dt.date | None
    since_on: dt.date | None
    amount: Decimal | None
    currency: str | None
    deal: int | None


def funnel_leads(*, viewer: User, leads: LeadQuerySet, currency: str, rates: str, on: dt.date) -> list[FunnelLead]:
    """`leads` (with age and steps) for the funnel, in a reporting currency at `rates`.

    A lead's expected amount and an open deal are priced on `on`, a won or lost deal on its close date; of a deal the lines
    that `viewer` may see count, each converted once.
    """
    rows = [_Row(*row) for row in leads.order_by("pk").values_list(*_COLUMNS)]
    expected = {row.pk: [Native(row.currency or "", on, row.amount)] for row in rows if row.amount is not None}
    deals = _deals(viewer, [row.deal for row in rows if row.deal is not None], on)
    worth_of_lead = _worths(expected, currency, rates)
    worth_of_deal = _worths(deals, currency, rates)
    return [_lead(row, worth_of_lead, worth_of_deal, on) for row in rows]


def _lead(row: _Row, leads: Mapping[int, Worth], deals: Mapping[int, Worth], on: dt.date) -> FunnelLead:
    is_waiting = row.status in WAITING and row.since_on is not None
    return FunnelLead(
        id=row.pk,
        country=str(row.country or ""),
        source=row.source,
        campaign=row.campaign or "",
        status=row.status,
        rank=row.rank,
        days=(row.began_on, row.marketing_on, row.sales_on, row.deal_on, row.won_on),
        waits=(on - row.since_on).days if is_waiting and row.since_on else None,
        expected=leads.get(row.pk, Worth()),
        deal=deals.get(row.deal or 0, Worth()),
    )


def _deals(viewer: User, ids: Sequence[int], on: dt.date) -> dict[int, list[Native]]:
    """The facts of deals in sight: their lines, or the one implicit line of a deal without any."""
    lines = OpportunityLine.objects.filter(opportunity__in=ids)
    of_line = ("opportunity_id", "opportunity__currency_id", "opportunity__stage__outcome", "opportunity__close_date")
    whole = Opportunity.objects.filter(access.may_see_fact(viewer), pk__in=ids, amount__isnull=False)
    without = whole.exclude(Exists(OpportunityLine.objects.filter(opportunity=OuterRef("pk"))))
    of_deal = ("pk", "currency_id", "stage__outcome", "close_date")
    rows: list[Any] = [
        *lines.visible_to(viewer).order_by("pk").values_list(*of_line, "amount"),
        *without.order_by("pk").values_list(*of_deal, "amount"),
    ]
    found: dict[int, list[Native]] = defaultdict(list)
    for deal, currency, outcome, close_date, amount in rows:
        found[deal].append(Native(currency, on if outcome == "open" else close_date, amount))
    return found


def _worths(facts: Mapping[int, Sequence[Native]], currency: str, rates: str) -> dict[int, Worth]:
    flat = [(owner, fact) for owner, of_one in facts.items() for fact in of_one]
    minors = priced_in([fact for _owner, fact in flat], currency=currency, rates=rates)
    found: dict[int, list[tuple[Native, int | None]]] = defaultdict(list)
    for (owner, fact), minor in zip(flat, minors, strict=True):
        found[owner].append((fact, minor))
    return {
        owner: Worth(
            minor=sum(minor for _fact, minor in priced if minor is not None),
            facts=sum(minor is not None for _fact, minor in priced),
            unpriced=tuple((fact.currency, fact.amount) for fact, minor in priced if minor is None),
        )
        for owner, priced in found.items()
    }
