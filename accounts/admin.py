from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from accounts.models import Account, AccountGrant, AccountType, OrgLink, OrgUnit, Tier
from users.admin_pages import TableAdmin, register_history
from users.permissions import Permission


@admin.register(Tier)
class TierAdmin(TableAdmin):
    permission: ClassVar = Permission.CONFIGURE_TEAMS
    list_display = ("code", "name", "position")
    search_fields = ("code", "name")
    ordering = ("position", "code")


@admin.register(AccountType)
class AccountTypeAdmin(TableAdmin):
    permission: ClassVar = Permission.CONFIGURE_TEAMS
    list_display = ("code", "name", "customer_is_global", "we_are_global", "position")
    ordering = ("position", "code")


# These name no money: an administrator sees every account's name, structure and team.
for _model in (Account, OrgUnit, OrgLink):
    register_history(_model, Permission.SEE_ALL_ACCOUNTS)
register_history(AccountGrant, Permission.MANAGE_USERS)
