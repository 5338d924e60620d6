"""What the page of an account's team reads beside the team itself."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Account
from core.last_change import LastChange, last_change
from teams.models import TeamMember
from users.models import User
from users.permissions import Permission


@dataclass(frozen=True)
class TeamDesk:
    """What a reader may do to a team: nothing, or change it and take back its last change (`last`, by `last_by`)."""

    may_change: bool
    last: LastChange | None = None
    last_by: str = ""


def may_staff(*, viewer: User, account: Account) -> bool:
    """Whether `viewer` may change who serves the account."""
    return viewer.may(Permission.EDIT_ACCOUNTS) and Account.objects.staffed_by(viewer).filter(pk=account.pk).exists()


def team_desk(*, viewer: User, account: Account) -> TeamDesk:
    """`account` is one that `viewer` sees. What a hand-over or an import changed is taken back there, not here."""
    if not may_staff(viewer=viewer, account=account):
        return TeamDesk(may_change=False)
    found = last_change(TeamMember, team_id=account.team_id)
    by = User.objects.filter(pk=found.by).first() if found and found.by else None
    if found is None or by is None or {"hand_over", "batch"} & found.metadata.keys():
        return TeamDesk(may_change=True)
    return TeamDesk(may_change=True, last=found, last_by=str(by))
