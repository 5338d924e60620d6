from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from core.periods import DatedQuerySet
from users.permissions import Permission

if TYPE_CHECKING:
    from teams.models import Member, TeamMember
    from users.models import User


def knows_all_members(*, viewer: User) -> bool:
    """Colleagues are no secret inside the organisation, except to viewers."""
    return viewer.may(Permission.EDIT_ACCOUNTS) or viewer.may(Permission.SEE_ALL_ACCOUNTS)


class MemberQuerySet(models.QuerySet["Member"]):
    def permitted_to(self, viewer: User) -> MemberQuerySet:
        """Colleagues are no secret inside the organisation, except to viewers, who see themselves."""
        if knows_all_members(viewer=viewer):
            return self
        return self.filter(user=viewer)


class TeamMemberQuerySet(DatedQuerySet["TeamMember"]):
    def in_role(self, role: str) -> TeamMemberQuerySet:
        return self.filter(role=role)
