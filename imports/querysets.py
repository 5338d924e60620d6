from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from users.permissions import Permission

if TYPE_CHECKING:
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
