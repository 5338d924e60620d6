from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from accounts import access
from regions.queries import region_names
from teams.queries import line_of
from users.permissions import Permission

if TYPE_CHECKING:
    from revenue.models import Potential, Quota, RevenueEntry
    from users.models import User


class RevenueEntryQuerySet(models.QuerySet["RevenueEntry"]):
    def visible_to(self, viewer: User) -> RevenueEntryQuerySet:
        return self.filter(access.may_see_fact(viewer))


class PotentialQuerySet(models.QuerySet["Potential"]):
    def visible_to(self, viewer: User) -> PotentialQuerySet:
        return self.filter(access.may_see_whole_account(viewer, "account_id"))


class QuotaQuerySet(models.QuerySet["Quota"]):
    def permitted_to(self, viewer: User) -> QuotaQuerySet:
        """Quotas of the regions one leads with those below, of the accounts one works on, of oneself and of whoever reports
        to one, directly or through others; all with the permission."""
        if viewer.may(Permission.SEE_ALL_FIGURES) or viewer.may(Permission.CONFIGURE_PIPELINE):
            return self
        mine = access.scope_of(viewer)
        return self.filter(
            models.Q(scope="region", scope_code__in=led_with_below(viewer))
            | models.Q(scope="account", scope_code__in=mine.account_codes)
            | models.Q(scope="member", scope_code__in=[viewer.email, *line_of(viewer=viewer)])
        )


def led_with_below(viewer: User) -> set[str]:
    """The codes of the regions that `viewer` leads and of those below them now."""
    mine = access.scope_of(viewer)
    if not mine.region_ids:
        return set()
    names = region_names()
    below = access.tree_for(viewer).on(mine.on).subtree(mine.region_ids)
    return {names[pk][0] for pk in below if pk in names}
