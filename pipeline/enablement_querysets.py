from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from accounts import access
from core.periods import DatedQuerySet
from pipeline.querysets import deal_in_sight

if TYPE_CHECKING:
    from pipeline.enablement_models import Play, PlayDismissal, PlayUse
    from users.models import User


def play_in_sight(viewer: User, prefix: str = "") -> models.Q:
    """Plays that `viewer` may know of: a reference names a customer, so that it is there for those who see that one, or all once
    it is released."""
    if not viewer.is_active:
        return models.Q(pk__in=())
    if access.scope_of(viewer).sees_all_accounts:
        return models.Q()
    named = models.Q(**{f"{prefix}account__isnull": True}) | models.Q(**{f"{prefix}is_released": True})
    return named | access.may_see_account(viewer, f"{prefix}account_id")


class PlayQuerySet(DatedQuerySet["Play"]):
    def visible_to(self, viewer: User) -> PlayQuerySet:
        return self.filter(play_in_sight(viewer))


class PlayUseQuerySet(models.QuerySet["PlayUse"]):
    def visible_to(self, viewer: User) -> PlayUseQuerySet:
        """Uses on deals that `viewer` sees, of plays that she may know of."""
        return self.filter(deal_in_sight(viewer, "opportunity__"), play_in_sight(viewer, "play__"))

    def standing(self) -> PlayUseQuerySet:
        """Without those that were taken back."""
        return self.filter(taken_back_at__isnull=True)


class PlayDismissalQuerySet(models.QuerySet["PlayDismissal"]):
    def visible_to(self, viewer: User) -> PlayDismissalQuerySet:
        return self.filter(deal_in_sight(viewer, "opportunity__"), play_in_sight(viewer, "play__"))

    def standing(self) -> PlayDismissalQuerySet:
        return self.filter(taken_back_at__isnull=True)
