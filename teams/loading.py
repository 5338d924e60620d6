"""What a row of `members.csv` is: one of us and, with `access`, a login."""

from __future__ import annotations

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from core.columns import (
    Column,
    Reference,
    choice,
    country,
    decimal,
    email,
    text,
    time_of_day,
    time_zone,
    weekdays,
    words,
)
from core.languages import MASTERY_PATTERN
from core.staging import Check, FileSpec, Stage
from core.staging_upsert import refuse_loops
from teams.models import Level
from teams.overlap import DAY_BEGINS, DAY_ENDS
from users.permissions import GRANTED, Access, Permission

MEMBER = Reference("teams_member", _("no member has the e-mail address “%(value)s”"), key="email")
TEAM_ROLE = Reference("teams_teamrole", _("unknown role “%(value)s”"), id="code", id_type="text")


def _no_loops(stage: Stage) -> None:
    refuse_loops(stage, "manager_email", "manager_id")


def _refuse_grants(stage: Stage) -> None:
    """Nobody hands out, or takes away, a right that she doesn't hold herself."""
    by = stage.load.by
    if by is None or not stage.has("access"):
        return
    held = [a.value for a in Access if by.may(Permission.MANAGE_USERS) and all(map(by.may, GRANTED[a]))]
    changed = stage.fetch(
        f"""SELECT x.line_no, COALESCE(x.access, u.access) FROM {stage.rows} x
              LEFT JOIN teams_member m ON m.id = x.id
              LEFT JOIN users_user own ON own.id = m.user_id
              LEFT JOIN users_user u ON u.email = COALESCE(own.email, x.email)
             WHERE NOT COALESCE(u.is_superuser, false) AND CASE
                   WHEN x.access IS NULL THEN own.is_active AND NOT own.access = ANY (%s)
                   WHEN u.is_active AND u.access = x.access THEN false
                   ELSE NOT x.access = ANY (%s) OR (u.is_active AND NOT u.access = ANY (%s)) END
             ORDER BY 1""",
        [held, held, held],
    )
    for line, access in changed:
        stage.reject(line, "access", _now("granting or taking “%(value)s” needs that right yourself"), access)
    stage.drop_bad()


def _write_logins(stage: Stage) -> None:
    """Make, change or close the logins that `access` speaks of. A superuser's stays as it is."""
    if not stage.has("access"):
        return
    made = stage.fetch(
        f"""INSERT INTO users_user (email, given_name, family_name, access, password, is_superuser, is_active, is_staff,
                                    extra_permissions, language, time_zone, preferences, created_at)
            SELECT m.email, m.given_name, m.family_name, x.access, '!' || replace(gen_random_uuid()::text, '-', ''),
                   false, true, x.access = 'administrator', '{{}}', '', m.time_zone, '{{}}', now()
              FROM {stage.rows} x JOIN teams_member m ON m.id = x.id
             WHERE x.access IS NOT NULL AND m.user_id IS NULL
               AND NOT EXISTS (SELECT 1 FROM users_user u WHERE u.email = m.email) RETURNING email"""
    )
    linked = stage.fetch(
        f"""UPDATE teams_member m SET user_id = u.id FROM {stage.rows} x, users_user u
             WHERE m.id = x.id AND u.email = m.email AND x.access IS NOT NULL AND m.user_id IS NULL RETURNING x.line_no"""
    )
    changed = stage.fetch(
        f"""UPDATE users_user u SET access = COALESCE(x.access, u.access), is_active = x.access IS NOT NULL,
                   is_staff = COALESCE(x.access, u.access) = 'administrator', email = m.email
              FROM {stage.rows} x JOIN teams_member m ON m.id = x.id
             WHERE u.id = m.user_id AND NOT u.is_superuser
               AND (u.is_active <> (x.access IS NOT NULL) OR u.access <> COALESCE(x.access, u.access) OR u.email <> m.email)
            RETURNING x.line_no"""
    )
    stage.updated |= {line for (line,) in [*linked, *changed]} if made or linked or changed else set()


MEMBERS = FileSpec(
    name="members",
    table="teams_member",
    noun=_("members"),
    permission=Permission.CONFIGURE_TEAMS,
    columns=(
        Column("email", email(is_login=True), key=True),
        Column("given_name", text(150)),
        Column("family_name", text(150)),
        Column("level", choice(Level.values)),
        Column("country", country()),
        Column("time_zone", time_zone()),
        Column(
            "languages",
            words(MASTERY_PATTERN, _("“%(value)s” is not a list such as en:C2;de:B1"), longest=20),
        ),
        Column("skills", words(None, "", longest=80)),
        Column("weekly_hours", decimal(5, 2, least="0", most="168")),
        Column("works_from", time_of_day()),
        Column("works_to", time_of_day()),
        Column("working_days", weekdays()),
        Column(
            "manager_email",
            email(is_login=True),
            stores="manager_id",
            refers=Reference("teams_member", _("no member has the e-mail address “%(value)s”"), key="email", own=True),
        ),
        Column("access", choice(Access.values), stores=None),
    ),
    checks=(
        Check(
            "works_to",
            f"COALESCE(x.works_from, '{DAY_BEGINS:%H:%M}') = COALESCE(x.works_to, '{DAY_ENDS:%H:%M}')",
            _("working hours begin and end at the same time"),
        ),
    ),
    before=(_refuse_grants,),
    after=(_write_logins, _no_loops),
)

SPECS = (MEMBERS,)
