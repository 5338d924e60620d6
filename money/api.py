"""Exchange rates in the REST API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from core.api import filters
from core.api.columns import Column
from core.api.kinds import CURRENCY, DAY, Kind, Number
from core.api.writing import Collection
from money import loading
from money.models import SPOT, ExchangeRate


class ExchangeRates(Collection):
    slug = "exchange-rates"
    noun = "exchange rate"
    about = "Units of `currency` for one unit of `base`, from `date` on until a later rate. One base per rate set."
    model = ExchangeRate
    spec = loading.EXCHANGE_RATES
    fixed = ("base",)
    taken_by = ("currency", "date", "rate_set")
    columns = (
        Column("base", "rate_set__base_id", CURRENCY, is_key=True, required=True),
        Column("currency", "currency_id", CURRENCY, is_key=True, required=True),
        Column("date", "date", DAY, is_key=True, required=True),
        Column("rate_set", "rate_set_id", Kind(40), is_key=True, default=SPOT),
        Column("rate", "rate", Number(decimals=18, digits=20, least=Decimal(0)), required=True),
    )
    search = ("currency__code", "currency__name", "rate_set__code")
    filters = (
        filters.by_code("currency", "Currency (ISO 4217).", "currency_id"),
        filters.by_code("rate_set", "Rate set, e.g. spot.", "rate_set_id"),
        filters.on(
            "Each currency's rate in force on this day.",
            lambda rows, day: rows.filter(pk__in=ExchangeRate.objects.in_force(day).values("pk")),
        ),
    )

    def visible_to(self, viewer: Any) -> QuerySet[Any]:
        return ExchangeRate.objects.all() if viewer.is_active else ExchangeRate.objects.none()


COLLECTIONS = (ExchangeRates,)
__all__ = ["COLLECTIONS"]
