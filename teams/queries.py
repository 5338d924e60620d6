"""What pages, endpoints, exports and jobs read of members and their teams."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.db.models import CharField, F, Func, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf

from core.names import full_name_of
from teams.models import Member, TeamMember
from teams.querysets import MemberQuerySet, TeamMemberQuerySet
from users.models import User


def full_name(path: str = "") -> Combinable:
    """A member's name as an expression: given and family name in the order of their script, else the e-mail address."""
    return Coalesce(
        NullIf(full_name_of(path, has_languages=True), Value("")), F(f"{path}email"), output_field=CharField()
    )


def members(*, viewer: User) -> MemberQuerySet:
    """The colleagues whom `viewer` may look up, each with `full_name`."""
    seen: MemberQuerySet = Member.objects.permitted_to(viewer)
    return seen.annotate(full_name=full_name())


def member_named(*, viewer: User, email: str) -> Member | None:
    """None for whom `viewer` may not look up, also for an address with a NUL, which no text in the database can hold."""
    return None if "\0" in email else members(viewer=viewer).filter(email=email).first()


def line_of(*, viewer: User) -> list[str]:
    """The e-mail addresses of `viewer` as a member and of everybody who reports to her, directly or through others."""
    with connection.cursor() as cursor:
        cursor.execute(_LINE, [viewer.pk])
        return [email for (email,) in cursor.fetchall()]


# UNION leaves out who was met before, so that a circle ends.
_LINE = """
WITH RECURSIVE line AS (
    SELECT id, email FROM teams_member WHERE user_id = %s
     UNION SELECT m.id, m.email FROM teams_member m JOIN line ON m.manager_id = line.id)
SELECT email FROM line ORDER BY email COLLATE "C"
"""


def member_words(column: str) -> list[str]:
    """Every word that stands in the list `column` (languages, skills) of any member, in order."""
    words = Func(F(column), function="unnest", output_field=CharField())
    return list(Member.objects.annotate(word=words).values_list("word", flat=True).distinct().order_by("word"))


def team_history(*, team_id: int) -> TeamMemberQuerySet:
    """Everyone ever in a team, by role, the latest first. Who may see the account may see its team."""
    rows: TeamMemberQuerySet = TeamMember.objects.filter(team_id=team_id)
    return rows.select_related("member", "role").order_by("role__position", "role_id", "-valid_from", "id")


def is_current(membership: TeamMember, on: dt.date) -> bool:
    return membership.valid_from <= on and (membership.valid_to is None or on < membership.valid_to)
