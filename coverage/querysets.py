from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from accounts import access
from core.periods import DatedQuerySet

if TYPE_CHECKING:
    from coverage.models import Coverage
    from coverage.proposal_models import Proposal
    from users.models import User


class CoverageQuerySet(DatedQuerySet["Coverage"]):
    def visible_to(self, viewer: User) -> CoverageQuerySet:
        """Who covers what is part of structure and team: seen with the account's name."""
        return self.filter(access.may_see_account(viewer, "account_id"))


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def visible_to(self, viewer: User) -> ProposalQuerySet:
        """Its figures are those of whom it was made for: who sees as much sees it too, others see their own only."""
        if access.scope_of(viewer).is_everything:
            return self
        whole = models.Q(is_whole=True, account__isnull=False) & access.may_see_whole_account(viewer, "account_id")
        own = models.Q(by=viewer, is_whole=False)
        return self.filter(
            whole
            | (own & models.Q(account__isnull=False) & access.may_see_account(viewer, "account_id"))
            | (own & models.Q(region__isnull=False))
        )

    def unfinished(self) -> ProposalQuerySet:
        return self.filter(finished_at__isnull=True)
