from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models

from accounts import access

if TYPE_CHECKING:
    from pipeline.deal_models import DealContact
    from pipeline.models import (
        Opportunity,
        OpportunityLine,
        OpportunitySplit,
        StageHistory,
    )
    from users.models import User


def _lines() -> models.QuerySet[OpportunityLine]:
    """Every line. By name: the models import this module."""
    found: models.QuerySet[OpportunityLine] = apps.get_model("pipeline", "OpportunityLine").objects.all()
    return found


def deal_in_sight(viewer: User, prefix: str = "") -> models.Q:
    """Deals of which `viewer` may see at least one line: by the deal's own country or a line's."""
    lines = _lines().filter(
        access.may_see_fact(viewer, month="opportunity__month"), opportunity=models.OuterRef(f"{prefix}pk")
    )
    whole = access.may_see_fact(
        viewer, account=f"{prefix}account_id", country=f"{prefix}country", month=f"{prefix}month"
    )
    scope = access.scope_of(viewer)
    # A line is of its deal's account: only where countries count may a line be seen whose deal would not be.
    by_account = scope.is_everything or not (scope.countries_now or scope.spans)
    return whole if by_account else whole | models.Q(models.Exists(lines))


class OpportunityQuerySet(models.QuerySet["Opportunity"]):
    def visible_to(self, viewer: User) -> OpportunityQuerySet:
        return self.filter(deal_in_sight(viewer))

    def editable_by(self, viewer: User) -> OpportunityQuerySet:
        """The deals that `viewer` sees whole. To change or delete one would change lines that she may not see."""
        seen = self.visible_to(viewer)
        if access.scope_of(viewer).is_everything:
            return seen
        lines = _lines().filter(opportunity=models.OuterRef("pk"))
        return seen.exclude(models.Exists(lines.exclude(access.may_see_fact(viewer, month="opportunity__month"))))

    def open(self) -> OpportunityQuerySet:
        return self.filter(stage__outcome="open")


class OpportunityLineQuerySet(models.QuerySet["OpportunityLine"]):
    def visible_to(self, viewer: User) -> OpportunityLineQuerySet:
        return self.filter(access.may_see_fact(viewer, month="opportunity__month"))


class OpportunitySplitQuerySet(models.QuerySet["OpportunitySplit"]):
    def visible_to(self, viewer: User) -> OpportunitySplitQuerySet:
        return self.filter(deal_in_sight(viewer, "opportunity__"))


class StageHistoryQuerySet(models.QuerySet["StageHistory"]):
    def visible_to(self, viewer: User) -> StageHistoryQuerySet:
        return self.filter(deal_in_sight(viewer, "opportunity__"))


class DealPartQuerySet(models.QuerySet[Any]):
    """What belongs to a deal as a whole, and is seen with it."""

    def visible_to(self, viewer: User) -> DealPartQuerySet:
        return self.filter(deal_in_sight(viewer, "opportunity__"))


class DealContactQuerySet(models.QuerySet["DealContact"]):
    def visible_to(self, viewer: User) -> DealContactQuerySet:
        """People at the customer belong to those who serve it: who sees a deal for a country of hers is not told who they are."""
        return self.filter(access.may_see_whole_account(viewer, "account_id"))
