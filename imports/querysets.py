from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from accounts import access
from users.permissions import Permission

if TYPE_CHECKING:
    from imports.compared import Comparison
    from imports.models import ImportBatch
    from users.models import User


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, viewer: User) -> ImportBatchQuerySet:
        """Batches of everybody who may import; row errors quote what the files hold, so only importers read them."""
        if not viewer.may(Permission.IMPORT_DATA):
            return self.none()
        return self if viewer.may(Permission.SEE_ALL_ACCOUNTS) else self.filter(by=viewer)

    def unfinished(self) -> ImportBatchQuerySet:
        return self.filter(state__in=["queued", "running"])


class ComparisonQuerySet(models.QuerySet["Comparison"]):
    def visible_to(self, viewer: User) -> ComparisonQuerySet:
        """Comparisons of accounts whose structure `viewer` may change: she sees it whole and may edit accounts."""
        if not viewer.may(Permission.EDIT_ACCOUNTS):
            return self.none()
        scope = access.scope_of(viewer)
        if scope.is_everything or scope.sees_all_accounts:
            return self
        return self.filter(account_id__in=scope.whole_account_ids)

    def working(self) -> ComparisonQuerySet:
        return self.filter(stage__in=["queued", "running", "applying"])
