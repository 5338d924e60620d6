from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from teams.models import Member, TeamMember, TeamRole
from users.admin_pages import TableAdmin, register_history
from users.permissions import Permission


@admin.register(TeamRole)
class TeamRoleAdmin(TableAdmin):
    permission: ClassVar = Permission.CONFIGURE_TEAMS
    list_display = ("code", "name", "position")
    search_fields = ("code", "name")
    ordering = ("position", "code")


register_history(Member, Permission.CONFIGURE_TEAMS)
register_history(TeamMember, Permission.CONFIGURE_TEAMS)
