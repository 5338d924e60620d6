from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from money.models import BusinessDate, Currency, ExchangeRate, FiscalCalendar, RateSet
from users.admin_pages import ReadAdmin, TableAdmin, register_history
from users.permissions import Permission


@admin.register(Currency)
class CurrencyAdmin(ReadAdmin):
    """ISO 4217, as shipped."""

    permission: ClassVar = Permission.CONFIGURE_RATES
    list_display = ("code", "name", "exponent", "is_historic")
    list_filter = ("is_historic", "exponent")
    search_fields = ("code", "name")
    ordering = ("code",)


@admin.register(RateSet)
class RateSetAdmin(TableAdmin):
    permission: ClassVar = Permission.CONFIGURE_RATES
    list_display = ("code", "base_id")
    search_fields = ("code",)
    autocomplete_fields = ("base",)
    ordering = ("code",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code", "base") if obj else ()


@admin.register(ExchangeRate)
class ExchangeRateAdmin(TableAdmin):
    permission: ClassVar = Permission.CONFIGURE_RATES
    list_display = ("date", "rate_set_id", "currency_id", "rate")
    list_filter = ("rate_set",)
    search_fields = ("=currency__code",)
    autocomplete_fields = ("currency", "rate_set")
    ordering = ("-date", "rate_set_id", "currency_id")
    date_hierarchy = "date"


@admin.register(FiscalCalendar)
class FiscalCalendarAdmin(TableAdmin):
    permission: ClassVar = Permission.CONFIGURE_RATES
    list_display = ("code", "name", "start_month")


@admin.register(BusinessDate)
class BusinessDateAdmin(TableAdmin):
    permission: ClassVar = Permission.CONFIGURE_RATES
    list_display = ("pinned_on", "reason")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request) and not BusinessDate.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


register_history(ExchangeRate, Permission.CONFIGURE_RATES)
register_history(BusinessDate, Permission.CONFIGURE_RATES)
