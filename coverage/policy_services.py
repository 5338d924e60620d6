"""Coverage policies of a tier, written as a whole: which roles units of each kind need, how they weigh, what is inherited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pghistory
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Tier
from core import last_change
from core.errors import DomainError, NotPermitted
from core.staging_periods import LOCK
from core.staging_rows import RowsRejected, write_rows
from coverage.loading import COVERAGE_POLICIES
from coverage.models import CoveragePolicy
from coverage.policies import Cell, Place
from users.models import User
from users.permissions import Permission


class PoliciesChanged(DomainError):
    """Somebody else changed the tier's policies after the page was opened. Nothing was written."""


@transaction.atomic
def save_policies(*, tier: str, cells: Mapping[Place, Cell], version: int, by: User) -> None:
    """Let a tier ask for exactly `cells`, by unit kind and role. `version` is that of `policy_version` when they were read.

    Tier.DoesNotExist, NotPermitted, PoliciesChanged; DomainError for a weight that can't be.
    """
    found = _locked(tier, by)
    if policy_version(tier=tier) != version:
        raise PoliciesChanged(_("Somebody changed these policies after you opened them. Open them again."))
    reason = _("Coverage policies of %(tier)s.") % {"tier": found}
    with pghistory.context(user=by.pk, reason=reason):
        for row in CoveragePolicy.objects.filter(tier=found):
            if (row.unit_kind, row.role_id) not in cells:
                row.delete()
        rows = [_row(tier, place, cell) for place, cell in cells.items()]
        try:
            write_rows(COVERAGE_POLICIES, rows, by=by)
        except RowsRejected as error:
            raise DomainError(error.problems[0].reason) from error


@transaction.atomic
def undo_policies(*, tier: str, version: int, by: User) -> None:
    """Put a tier's policies back as they stood before their last change. Raises as `save_policies`, and DomainError."""
    found = _locked(tier, by)
    with pghistory.context(user=by.pk, reason=_("Took back the last change of coverage policies.")):
        last_change.take_back(CoveragePolicy, version=version, tier_id=found.pk)


def policy_version(*, tier: str) -> int:
    """Grows with every change of the tier's policies."""
    return last_change.version_of(CoveragePolicy, tier_id=tier)


def _row(tier: str, place: Place, cell: Cell) -> dict[str, Any]:
    kind, role = place
    return {"tier": tier, "unit_kind": kind, "role": role, "weight": cell.weight, "inheritable": cell.is_inheritable}


def _locked(tier: str, by: User) -> Tier:
    if not by.may(Permission.CONFIGURE_TEAMS):
        raise NotPermitted(_("You may not change coverage policies."))
    found: Tier = Tier.objects.get(pk=tier)
    with connection.cursor() as cursor:
        cursor.execute(LOCK, ["coverage policies"])
    return found
