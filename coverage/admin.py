from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from coverage.models import Coverage, CoveragePolicy
from users.admin_pages import TableAdmin, register_history
from users.permissions import Permission


@admin.register(CoveragePolicy)
class CoveragePolicyAdmin(TableAdmin):
    permission: ClassVar = Permission.CONFIGURE_TEAMS
    list_display = ("tier", "unit_kind", "role", "weight", "is_inheritable")
    list_display_links = ("unit_kind",)
    list_filter = ("tier", "unit_kind", "role")
    list_select_related = ("tier", "role")
    autocomplete_fields = ("tier", "role")
    ordering = ("tier__position", "unit_kind", "role__position", "id")


register_history(Coverage, Permission.SEE_ALL_ACCOUNTS)
register_history(CoveragePolicy, Permission.CONFIGURE_TEAMS)
