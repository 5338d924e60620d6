"""What a former owner keeps of deals that are won or lost.

A deal without prime shares counts for its owner. When a closed one gets another owner, the share that was the former one's is
written down first: what somebody has won stays hers, whoever looks after the deal today.
"""

from __future__ import annotations

from dataclasses import replace

from pipeline.deals import DealRows
from pipeline.models import Opportunity, OpportunitySplit, Outcome, SplitType


def with_past_owner(deal: Opportunity, rows: DealRows) -> DealRows:
    """`rows` as `deal` is to be written anew: with the former owner's whole share, where nobody says who else has one."""
    owner = deal.owner
    if owner is None or deal.stage.outcome == Outcome.OPEN or rows.deal.get("owner_email") == owner.email:
        return rows
    if any(row["type"] == SplitType.PRIME for row in rows.splits):
        return rows
    if OpportunitySplit.objects.filter(opportunity=deal, type=SplitType.PRIME).exists():
        return rows  # she has struck out what stood: it is hers to say so
    share = {"member_email": owner.email, "type": SplitType.PRIME.value, "percent": "100"}
    return replace(rows, splits=[*rows.splits, share])
