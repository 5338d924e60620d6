"""Who of us covers what at one account: the team's page below its members."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from accounts.models import Account
from coverage.models import Coverage
from teams.models import Member, TeamMember
from users.models import User


@dataclass(frozen=True)
class Covering:
    """A member with the units covered on a day. `is_outside`: covers, and is not in the account's team that day."""

    member: Member
    rows: list[Coverage]
    is_outside: bool


@dataclass(frozen=True)
class TeamCoverage:
    """Who covers what, and who of the team covers nothing."""

    covering: list[Covering]
    idle: list[Member]


def team_coverage(*, viewer: User, account: Account, on: dt.date) -> TeamCoverage:
    """`account` is one that `viewer` sees; members in the order of their names."""
    rows = Coverage.objects.visible_to(viewer).filter(account=account).as_of(on)
    by_member: dict[int, list[Coverage]] = {}
    for row in rows.select_related("member", "role", "org_unit").order_by("role__position", "org_unit__name", "id"):
        by_member.setdefault(row.member_id, []).append(row)
    serving = TeamMember.objects.filter(team=account.team_id).as_of(on).select_related("member")
    team = {row.member_id: row.member for row in serving}
    covering = [Covering(held[0].member, held, pk not in team) for pk, held in by_member.items()]
    return TeamCoverage(
        covering=sorted(covering, key=lambda one: str(one.member)),
        idle=sorted((member for pk, member in team.items() if pk not in by_member), key=str),
    )
