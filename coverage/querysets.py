from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import access
from core.periods import DatedQuerySet

if TYPE_CHECKING:
    from coverage.models import Coverage
    from users.models import User


class CoverageQuerySet(DatedQuerySet["Coverage"]):
    def visible_to(self, viewer: User) -> CoverageQuerySet:
        """Who covers what is part of structure and team: seen with the account's name."""
        return self.filter(access.may_see_account(viewer, "account_id"))
