"""A deal as the rows of import files: how a form's choices are written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pipeline.models import Opportunity, OpportunityLine, OpportunitySplit

Row = dict[str, Any]


@dataclass(frozen=True)
class DealRows:
    """`deal` without lines states its own amount; with lines their sum is the amount. Keys are the files' columns."""

    deal: Row
    lines: list[Row] = field(default_factory=list)
    splits: list[Row] = field(default_factory=list)

    @property
    def sum_of_lines(self) -> Decimal:
        return sum((Decimal(line["amount"]) for line in self.lines), Decimal(0))


def rows_of(deal: Opportunity) -> DealRows:
    """Everything that stands of a deal, whoever may see it: for services that have asked already."""
    key = {"opportunity_external_id": deal.external_id}
    lines = OpportunityLine.objects.filter(opportunity=deal).select_related("product", "org_unit").order_by("line")
    splits = OpportunitySplit.objects.filter(opportunity=deal).select_related("member").order_by("type", "pk")
    return DealRows(
        deal=_deal(deal),
        lines=[
            {
                **key,
                "line": line.line,
                "product_code": line.product.code if line.product else None,
                "org_unit_code": line.org_unit.code if line.org_unit else None,
                "country": line.country.code or None,
                "amount": str(line.amount),
            }
            for line in lines
        ],
        splits=[{**key, "member_email": s.member.email, "type": s.type, "percent": str(s.percent)} for s in splits],
    )


def _deal(deal: Opportunity) -> Row:
    return {
        "external_id": deal.external_id,
        "account_code": deal.account.code,
        "org_unit_code": deal.org_unit.code if deal.org_unit else None,
        "country": deal.country.code or None,
        "name": deal.name,
        "stage": deal.stage_id,
        "amount": None if deal.amount is None else str(deal.amount),
        "currency": deal.currency_id,
        "probability": None if deal.probability is None else str(deal.probability),
        "forecast_category": deal.forecast_category or None,
        "close_date": deal.close_date.isoformat(),
        "created_on": deal.created_on and deal.created_on.isoformat(),
        "owner_email": deal.owner.email if deal.owner else None,
        "product_code": deal.product.code if deal.product else None,
    }


def version_of(rows: DealRows) -> str:
    """A mark of what a deal was when somebody began to edit it."""
    return hashlib.blake2b(repr((rows.deal, rows.lines, rows.splits)).encode(), digest_size=12).hexdigest()
