from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from accounts import access
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
        """Quotas of the regions one leads, the accounts one works on and oneself; all with the permission."""
        if viewer.may(Permission.SEE_ALL_FIGURES) or viewer.may(Permission.CONFIGURE_PIPELINE):
            return self
        mine = access.scope_of(viewer)
        return self.filter(
            models.Q(scope="region", scope_code__in=mine.region_codes)
            | models.Q(scope="account", scope_code__in=mine.account_codes)
            | models.Q(scope="member", scope_code=viewer.email)
        )
