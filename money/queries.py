from __future__ import annotations

import datetime as dt

from django.conf import settings

from core import clock
from money.models import BusinessDate, Currency, FiscalCalendar


def pinned_date() -> dt.date | None:
    """The as-of date that the environment (`GAM_AS_OF`) or, without it, the organisation has pinned."""
    fixed: dt.date | None = settings.GAM_AS_OF
    if fixed is not None:
        return fixed
    return BusinessDate.objects.filter(id=1).values_list("pinned_on", flat=True).first()


def business_date() -> dt.date:
    """D, the as-of date of every figure: pinned, else today in the organisation's time zone."""
    return pinned_date() or clock.today()


def reporting_currencies() -> list[str]:
    """The short configured list (`GAM_REPORTING_CURRENCIES`); the first is the default of every page."""
    return list(settings.GAM_REPORTING_CURRENCIES)


def exponents() -> dict[str, int]:
    """Decimals of the minor unit by currency code (ISO 4217)."""
    return dict(Currency.objects.values_list("code", "exponent"))


def fiscal_start_month() -> int:
    """The month in which the default fiscal year starts."""
    found = FiscalCalendar.objects.order_by("code").values_list("start_month", flat=True).first()
    return found if found is not None else int(settings.GAM_FISCAL_YEAR_START)
