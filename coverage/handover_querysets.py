from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models

from accounts import access
from pipeline.models import Lead, Opportunity

if TYPE_CHECKING:
    from coverage.handover_models import HandOver, HandOverLine
    from users.models import User


class HandOverQuerySet(models.QuerySet["HandOver"]):
    def visible_to(self, viewer: User) -> HandOverQuerySet:
        """One's own, as giver, successor or planner, and those with a line at an account that `viewer` sees."""
        lines = apps.get_model("coverage", "HandOverLine").objects.filter(hand_over=models.OuterRef("pk"))
        seen = lines.filter(access.may_see_account(viewer, "account_id"), account__isnull=False)
        return self.filter(
            models.Q(created_by=viewer)
            | models.Q(giver__user=viewer)
            | models.Exists(lines.filter(heir__user=viewer))
            | models.Exists(seen)
        )

    def due(self, on: dt.date) -> HandOverQuerySet:
        """Planned, and their day has come."""
        return self.filter(state="planned", on__lte=on)


class HandOverLineQuerySet(models.QuerySet["HandOverLine"]):
    def visible_to(self, viewer: User) -> HandOverLineQuerySet:
        """Roles and coverage with the account's name; contacts, deals and leads where `viewer` sees them themselves."""
        named = models.Q(kind__in=("membership", "coverage")) & access.may_see_account(viewer, "account_id")
        known = models.Q(kind="relationship") & access.may_see_whole_account(viewer, "account_id")
        deals = models.Q(kind="deal", row_id__in=Opportunity.objects.visible_to(viewer).values("pk"))
        leads = models.Q(kind="lead", row_id__in=Lead.objects.visible_to(viewer).values("pk"))
        return self.filter(named | known | deals | leads)
