from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from revenue.models import Product, RevenueEntry
from users.admin_pages import TableAdmin, register_history
from users.permissions import Permission


@admin.register(Product)
class ProductAdmin(TableAdmin):
    permission: ClassVar = Permission.CONFIGURE_PIPELINE
    list_display = ("code", "name", "parent")
    list_select_related = ("parent",)
    search_fields = ("code", "name")
    autocomplete_fields = ("parent",)
    ordering = ("name", "id")


register_history(Product, Permission.CONFIGURE_PIPELINE)
register_history(RevenueEntry, Permission.SEE_ALL_FIGURES)
